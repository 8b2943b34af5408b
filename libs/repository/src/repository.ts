import type { Clock, Fence, ProtectedObject, Secret } from '@backhaul/domain';
import type {
  Entry,
  EntryKey,
  FolderEntry,
  FolderListing,
  ItemEntry,
  ItemListing,
  PartRef,
  PartToStore,
} from './entry.ts';
import type { ChainKey, ContainerState, PointDraft, PointRecord } from './point.ts';

/**
 * The data keys of one repository: what a Transporter is lent while it holds a task. Never a password.
 * Plain data, so that it can be sealed and sent; keep it in a `Secret`.
 */
export interface RepositoryKeys {
  repositoryId: string;
  /** Base64 of the 256-bit master key. */
  masterKey: string;
}

export interface OpenRepositoryOptions {
  keys: Secret<RepositoryKeys>;
  /** A folder of this process's own for the local index; made when missing, may be deleted at any time. */
  cacheFolder: string;
  /**
   * Worker threads for hashing, compression and encryption. Default: the smaller of the number of cores and 8; 0 does the
   * work in this thread, which suits tests and small reads.
   */
  workers?: number;
  /** Default: the host's clock. */
  clock?: Clock;
  /** Written into points. */
  toolVersion: string;
}

/** An opened repository. Close it to end its workers. */
export interface Repository {
  readonly id: string;

  /** Every chain, by what its newest point says. */
  chains(): AsyncIterable<PointRecord>;
  /** The points of a chain, oldest first. */
  points(chain: ChainKey): Promise<PointRecord[]>;
  /** @throws Failure `not-found`, `corrupt`. */
  openPoint(chain: ChainKey, sequence: number): Promise<PointReader>;

  /**
   * Announces this process as a writer (`writers/<id>`), loads the index, and only then deduplicates. One writer per
   * process, shared by its tasks; call it once and keep it.
   */
  openWriter(): Promise<RepositoryWriter>;

  /** Reads everything and trusts nothing. With `data: false` structure and footers only. */
  check(options: { data: boolean; onProgress?: (progress: CheckProgress) => void }): Promise<CheckReport>;

  close(): Promise<void>;
}

export interface RepositoryWriter {
  /**
   * Starts (or resumes) the backup of one object. Reads the chain's head back: a point of this very task means the work is
   * done (`committed`), whatever happened to its report.
   * @throws Failure `stale` when the chain's head has a higher fence: a newer holder was here, stop.
   */
  beginObject(task: ObjectTask): Promise<ObjectSession | { committed: PointRecord }>;
  /** Ends the writer's presence; sessions must have ended. */
  close(): Promise<void>;
}

/** Who writes, and for what. */
export interface ObjectTask {
  chain: ChainKey;
  object: ProtectedObject;
  jobName: string;
  tenantName: string;
  taskId: string;
  runId: string;
  fence: Fence;
  /**
   * No attempt of this task can have a lower fence than this. Bounds how far the chain is read back for a point of the task;
   * default: to the chain's beginning.
   */
  firstFence?: Fence;
}

/**
 * The backup of one object: reads see the base point with this session's changes on top. Many sessions share one writer.
 * Content goes out in the background; `put` waits when too many bytes are in flight (bounded memory).
 */
export interface ObjectSession {
  /** The point this one is built on: the chain's head, or null for the first. */
  readonly base: PointRecord | null;
  /** What an earlier attempt of this very task left in its last checkpoint, already part of what reads see; or null. */
  readonly resumed: CheckpointState | null;

  get(key: EntryKey): Promise<Entry | null>;
  folders(): Promise<FolderEntry[]>;
  /** The items of a folder in order of their ids. */
  items(containerId: string): AsyncIterable<ItemEntry>;

  /**
   * Stores an item's parts and its entry; replaces an entry of the same key. Idempotent. Many may be under way at once; await
   * it before the same entry is changed in another way. Of streams longer than 256 KiB only some are read at once, in all
   * sessions of a process; others may wait for minutes after their first bytes.
   * @throws what a stream throws; Failure `cancelled` when the session is abandoned meanwhile; Failure `no-space`,
   * `not-writable`, `unavailable` when content could not be stored: abandon the session then.
   */
  putItem(entry: ItemListing, parts: PartToStore[]): Promise<ItemEntry>;
  /** {@link putItem} for what is stored of a folder itself. */
  putFolder(entry: FolderListing, parts: PartToStore[]): Promise<FolderEntry>;
  /** Changes or moves what is listed of an item without transferring its content again (flags, folder). */
  putEntry(entry: Entry): void;
  /** Reads back what is stored; for comparisons before a transfer is skipped. */
  readPart(part: PartRef): Promise<Uint8Array>;
  /** Removes an entry; of what is not there, does nothing. */
  remove(key: EntryKey): void;
  /** Removes all items of a folder and the folder itself. */
  removeFolder(folderId: string): Promise<void>;

  /** Bytes put in since the session began, before and after deduplication, compression and encryption. */
  readonly written: { contentBytes: number; storedBytes: number };

  /**
   * Makes all that was put so far durable, and with it the state to resume from. A put of a stream counts once it has ended;
   * a checkpoint does not wait for it.
   */
  checkpoint(state: CheckpointState): Promise<void>;
  /** True when the size or age rule (60 s of work or 256 MiB of new content) asks for a checkpoint. */
  checkpointIsDue(): boolean;

  /**
   * Packs → index → point by conditional create, once all puts have ended. `beforeCreate` is called last thing before the
   * create: the place to look at the lease's deadline; when it throws, nothing is committed.
   * @returns `committed`; `adopted` when a point of this task was already there; `stale` when a higher fence was: stop.
   * @throws Failure `conflict`, code `repository.base-moved`, when another task with a lower fence was first: begin the
   * object again, from the new head's cursors. Code `repository.writer-revoked` (`stale`): the point may be void.
   */
  commit(draft: PointDraft, beforeCreate: () => void): Promise<CommitOutcome>;
  /** Forgets the session and closes its streams; what was stored is deduplicated against by the next attempt. */
  abandon(): Promise<void>;
}

export type CommitOutcome =
  | { type: 'committed'; point: PointRecord }
  | { type: 'adopted'; point: PointRecord }
  | { type: 'stale'; occupant: PointRecord };

/** What a resumed task finds: containers it had finished, with their new cursors, and counts for reports. */
export interface CheckpointState {
  containers: ContainerState[];
  counts: Record<string, number>;
}

export interface PointReader {
  readonly record: PointRecord;
  folders(): Promise<FolderEntry[]>;
  /** The items of a folder in order of their ids, from `fromId` on (default: all); those before it are not read. */
  items(containerId: string, fromId?: string): AsyncIterable<ItemEntry>;
  get(key: EntryKey): Promise<Entry | null>;
  /** The part's bytes, verified against its hash. @throws Failure `corrupt`. */
  readPart(part: PartRef): Promise<Uint8Array>;
  /**
   * The part's bytes from `offset` (default 0) on, piece by piece, for content of any length; every piece is proven by its
   * chunk's id before it is given, and a whole part by its hash at the end. What lies before the offset is not read, unless
   * the part was stored as MIME.
   * @throws Failure `corrupt`; `invalid-input` for an offset outside the part.
   */
  streamPart(part: PartRef, offset?: number): AsyncIterable<Uint8Array>;
  /**
   * The same items in the order in which their content lies in the store. Whoever reads many parts hands in windows of
   * some hundreds of items, so that each stored segment is read about once.
   */
  inStorageOrder(items: ItemEntry[]): ItemEntry[];
}

export interface CheckProgress {
  done: number;
  total: number;
}

/** One thing found wrong. */
export interface Damage {
  /** The store's object, e.g. a pack or a point. */
  name: string;
  problem: string;
}

export interface CheckReport {
  points: number;
  packs: number;
  chunks: number;
  bytes: number;
  damage: Damage[];
  /** Points that cannot be restored whole because of the damage. */
  affectedPoints: { chain: ChainKey; sequence: number }[];
}
