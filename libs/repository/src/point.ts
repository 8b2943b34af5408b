import type { Fence, ItemKind, ItemIssue, ProtectedObject } from '@backhaul/domain';

/** A chain belongs to one job and one object; its name in the store is a keyed hash of both. */
export interface ChainKey {
  jobId: string;
  objectId: string;
}

/** How one container (a mail folder …) was read for a point. */
export interface ContainerState {
  /** The container's id at the source; `''` stands for the object's list of containers itself. */
  containerId: string;
  method: 'microsoft-delta' | 'comparison' | 'full';
  /** The cursor to go on from, opaque to the repository; null where the method has none. */
  cursor: string | null;
  /** A fingerprint of the selection and options the cursor was made under; a cursor of another one is not used. */
  cursorScope: string;
  /** `read` in this point, or `carried` over from an earlier one because reading it failed; then `asOf` is older. */
  state: 'read' | 'carried';
  /** ISO 8601, UTC: the state of the container that this point shows. */
  asOf: string;
  /**
   * There when change tracking failed and a plain list took its place: in how many runs in a row, and until when (ISO 8601,
   * UTC, or null) it is not tried again.
   */
  setbacks?: { inARow: number; heldOffUntil: string | null };
}

/** What the maker of a point states; the rest of {@link PointRecord} is added by the commit. */
export interface PointDraft {
  status: 'complete' | 'incomplete';
  kinds: ItemKind[];
  containers: ContainerState[];
  /** Items skipped with their reason; later runs try them again. */
  skipped: ItemIssue[];
  /** ISO 8601, UTC. */
  startedAt: string;
  /** Bytes of content in the whole point, before deduplication. */
  bytesTotal: number;
}

/** A recovery point record: the only commit of the repository. Content durable → point committed → cursor used. */
export interface PointRecord extends PointDraft, ChainKey {
  /** 1 is the first; numbers are never reused. */
  sequence: number;
  /** The sequence it was built on, or 0. */
  base: number;
  taskId: string;
  runId: string;
  fence: Fence;
  object: ProtectedObject;
  /** For people who have only the repository. */
  jobName: string;
  tenantName: string;
  /** ISO 8601, UTC, by the committing host's clock; order is by sequence, never by time. */
  committedAt: string;
  /** Version of the program that wrote it. */
  toolVersion: string;
  itemCount: number;
  folderCount: number;
  /** Bytes this point added to the store. */
  bytesNew: number;
}
