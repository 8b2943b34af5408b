import type { ContentTag, DriveItem } from './drive-item.ts';

/**
 * PORT: a OneDrive (or a document library) to read. An adapter for Microsoft Graph (`libs/m365`) and a twin in memory pass
 * the same suite. Methods throw `Failure`; an adapter repeats by itself what can be repeated at once.
 */
export interface DriveSource {
  /** @throws Failure with a code of its own where there is no drive, or it is locked: the whole object cannot be read. */
  drive(signal: AbortSignal): Promise<Drive>;

  /**
   * What changed since `cursor` (null: everything that is there), page by page. An item may come more than once: its last
   * mention counts. The last page carries the cursor to go on from.
   * @param options.sharing also tells of items whose sharing alone has changed, and `shared` says where it was set
   * @throws Failure `expired` when the cursor is no longer known.
   */
  changes(cursor: string | null, options: { sharing: boolean }, signal: AbortSignal): AsyncIterable<DriveChanges>;

  /** A cursor from which changes after this moment are told. */
  latest(signal: AbortSignal): Promise<string>;

  /** What lies in a folder, page by page; complete when it ends normally. @throws Failure `not-found`. */
  children(folderId: string, signal: AbortSignal): AsyncIterable<DriveItem[]>;

  /** An item as it is now. @throws Failure `not-found`. */
  item(id: string, signal: AbortSignal): Promise<DriveItem>;

  /**
   * The content of a file from a byte on. With `ifTag`, only while it is still that content.
   * @throws Failure `precondition` (code `drive.changed-meanwhile`) when it is another one by now, `not-found`,
   * `unreadable` for what Microsoft blocks; the stream itself throws `unavailable`, `timed-out` or `expired` when it breaks.
   */
  content(item: DriveItem, options: ContentOptions, signal: AbortSignal): Promise<DriveContent>;

  /** All versions of a file, newest first; the first is the current one. */
  versions(id: string, signal: AbortSignal): Promise<FileVersion[]>;

  /** The content of an older version, from a byte on. */
  versionContent(id: string, versionId: string, offset: number, signal: AbortSignal): Promise<ContentStream>;

  /** Who may do what with an item, inherited entries included. */
  permissions(id: string, signal: AbortSignal): Promise<DrivePermission[]>;

  /** Requests that may be under way at once. */
  readonly concurrency: number;
}

export interface Drive {
  id: string;
  rootId: string;
  driveType: string;
  /** Bytes left, where Microsoft says it. */
  remainingBytes?: number;
}

export interface DriveChanges {
  changed: DriveItem[];
  /** Gone; where it lay is known only sometimes. */
  removed: { id: string; parentId?: string }[];
  /** On the last page. */
  cursor?: string;
}

export interface ContentOptions {
  offset: number;
  ifTag: ContentTag | null;
}

/** Bytes on their way. Whoever does not read them to their end must end the iteration (`return`), which ends the transfer. */
export interface ContentStream {
  /** Bytes of the whole content, those before the offset included. */
  length: number;
  bytes: AsyncIterable<Uint8Array>;
}

export interface DriveContent extends ContentStream {
  /** The file these are the bytes of, as it is now. */
  item: DriveItem;
}

export interface FileVersion {
  id: string;
  /** ISO 8601 UTC. */
  modifiedAt: string;
  size: number;
}

/** An entry of an item's permissions, as Microsoft describes it. */
export interface DrivePermission {
  id: string;
  roles?: string[];
  grantedToV2?: Grantees | null;
  grantedToIdentitiesV2?: Grantees[] | null;
  link?: { type?: string; scope?: string; [key: string]: unknown } | null;
  /** Where it comes from; Microsoft often leaves it out. */
  inheritedFrom?: object | null;
  expirationDateTime?: string | null;
  hasPassword?: boolean | null;
  [key: string]: unknown;
}

export interface Grantees {
  user?: Grantee | null;
  group?: Grantee | null;
  siteUser?: Grantee | null;
  siteGroup?: Grantee | null;
  application?: Grantee | null;
  [key: string]: unknown;
}

export interface Grantee {
  id?: string;
  displayName?: string;
  email?: string | null;
  [key: string]: unknown;
}
