/**
 * The port to where a repository's objects lie. Names are relative paths of `[A-Za-z0-9._-]` segments joined by `/`.
 * Objects are immutable: nothing in the repository overwrites one. Whatever resolves is durable.
 *
 * Every implementation runs the suite in `@backhaul/repository/testing`.
 */
export interface BlobStore {
  /** For messages and logs, e.g. `disk /srv/backup`; never with credentials. */
  readonly description: string;

  /**
   * Stores a new object under a name that nobody else uses. Durable when it resolves, invisible before.
   * @throws Failure `no-space`, `not-writable`, `unavailable`; nothing visible is left behind then.
   */
  put(name: string, content: readonly Uint8Array[]): Promise<void>;

  /**
   * Creates an object only if there is none of this name: the one atomic decision of the repository. Of any number of
   * racing callers exactly one gets `created`; either answer means that what is there is durable. When it throws, the object
   * may be there or not: read it back and compare.
   */
  create(name: string, content: Uint8Array): Promise<'created' | 'exists'>;

  /**
   * The whole object, or exactly the bytes of `range`.
   * @throws Failure `not-found`; `corrupt` when the object is shorter than the range.
   */
  get(name: string, range?: ByteRange): Promise<Uint8Array>;

  /** Size and storage time, or null when there is no such object. */
  stat(name: string): Promise<BlobInfo | null>;

  /** All objects whose name begins with `prefix`, in code-unit order of their names. */
  list(prefix: string): AsyncIterable<BlobInfo>;

  /** Removes an object; removing what is not there succeeds. */
  remove(name: string): Promise<void>;

  /** Sets the storage time of an existing object to now (a writer's sign of life). @throws Failure `not-found`. */
  touch(name: string): Promise<void>;
}

/** `length` bytes from byte `offset` on. */
export interface ByteRange {
  offset: number;
  length: number;
}

export interface BlobInfo {
  name: string;
  /** Bytes. */
  size: number;
  /** By the storage's own clock, never a host's. */
  modifiedAt: Date;
}
