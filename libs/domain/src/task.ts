import type { BackupExtras, ChangeTracking, RestoreExtras } from './job.ts';
import type { FailureRecord } from './failure.ts';
import type { ItemKind, ProtectedObject } from './protected-object.ts';

/**
 * Words: a **run** is an immutable copy of a job's configuration plus a scope. A **task** is one protected object in one
 * run. An **attempt** is one grant of the task to one Transporter, with its own **fence**. A **lane** is what a limit on
 * concurrent tasks applies to: a job, or a restore. A lane has **slots** 0…limit-1; a running task occupies one.
 */
export const TASK_STATES = ['queued', 'running', 'succeeded', 'warning', 'failed', 'cancelled'] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** A number from a database sequence, one per grant, never reused, never smaller than one given before. */
export type Fence = number;

/** What a Transporter is to do; travels in the offer. Holds ids, options and what to read, never a secret. */
export interface TaskSpec {
  taskId: string;
  runId: string;
  laneId: string;
  /** Exactly what is read (backup) or written (restore). */
  object: ProtectedObject;
  repositoryId: string;
  work: BackupWork | RestoreWork;
}

export interface BackupWork {
  type: 'backup';
  jobId: string;
  /** What of the object is read: of a mailbox any of mail, contacts and calendar; of a OneDrive its files. */
  kinds: ItemKind[];
  include: BackupExtras;
  changeTracking: ChangeTracking;
  /** Transfer everything again in this run, whatever the cursors say. */
  forceFull: boolean;
}

/**
 * Which items of a point: everything of some kinds (an empty list stands for every kind the point covers), whole folders
 * with what is below them, or single items.
 */
export type RestoreSelection =
  | { type: 'all'; kinds: ItemKind[] }
  | { type: 'folders'; folderIds: string[] }
  | { type: 'items'; items: { folderId: string; itemId: string }[] };

/** `skip` what is there (default), `replace` it, `keep-both`, or restore `only-missing` items. */
export const COLLISION_RULES = ['skip', 'replace', 'keep-both', 'only-missing'] as const;
export type CollisionRule = (typeof COLLISION_RULES)[number];

/** The original folders (found by well-known name or id, else by path, else made), or below a new top folder. */
export type RestorePlacement = { type: 'original' } | { type: 'new-folder'; name: string };

export interface RestoreWork {
  type: 'restore';
  /** The restore's id; every created item carries it, so that nothing is created twice. */
  restoreId: string;
  /** The point to restore from. */
  source: { jobId: string; objectId: string; sequence: number };
  selection: RestoreSelection;
  placement: RestorePlacement;
  collision: CollisionRule;
  include: RestoreExtras;
}

/** How an attempt ended. `lost` is decided by the Director; a Transporter never reports it. */
export const ATTEMPT_OUTCOMES = ['succeeded', 'warning', 'failed', 'cancelled', 'yielded', 'refused', 'lost'] as const;
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

/** Numbers of a task; all counted from its start, over all its attempts where the checkpoint carries them. */
export interface TaskCounts {
  itemsTotal: number;
  itemsNew: number;
  itemsChanged: number;
  itemsMoved: number;
  itemsDeleted: number;
  itemsSkipped: number;
  itemsFailed: number;
  itemsRestored: number;
  itemsDegraded: number;
  /** Bytes read from Microsoft (backup) or from the repository (restore). */
  bytesRead: number;
  /** Bytes added to the repository after deduplication, compression and encryption. */
  bytesStored: number;
  requests: number;
  /** Milliseconds spent waiting because Microsoft asked for it. */
  throttledMs: number;
}

/** All zero; add to it. */
export function noCounts(): TaskCounts {
  return {
    itemsTotal: 0,
    itemsNew: 0,
    itemsChanged: 0,
    itemsMoved: 0,
    itemsDeleted: 0,
    itemsSkipped: 0,
    itemsFailed: 0,
    itemsRestored: 0,
    itemsDegraded: 0,
    bytesRead: 0,
    bytesStored: 0,
    requests: 0,
    throttledMs: 0,
  };
}

/** One item that did not go as it should, with its reason. */
export interface ItemIssue {
  itemId: string;
  /** Path of the folder it lies in, display names joined by `/`. */
  folderPath: string;
  result: 'skipped' | 'degraded' | 'failed';
  failure: FailureRecord;
}

/** A result lists at most this many issues; the counts are always complete. */
export const MAX_ISSUES = 200;

/** What a Transporter reports at the end of an attempt. */
export interface TaskResult {
  taskId: string;
  fence: Fence;
  outcome: Exclude<AttemptOutcome, 'lost'>;
  counts: TaskCounts;
  issues: ItemIssue[];
  /** Why it failed, was refused or yielded; absent on success. */
  failure?: FailureRecord;
  /** The recovery point of this task, where one was committed (or found already committed). */
  point?: PointSummary;
  /** Only with `yielded`: the task must not start again before this many milliseconds have passed. */
  notBeforeMs?: number;
  /** Only with `refused`: the slot key's revision as the Transporter read it. */
  leaseRevision?: number;
}

/** What the Director's database remembers of a recovery point; the repository holds the truth. */
export interface PointSummary {
  jobId: string;
  objectId: string;
  sequence: number;
  fence: Fence;
  status: 'complete' | 'incomplete';
  kinds: ItemKind[];
  /** ISO 8601, UTC. */
  createdAt: string;
  itemCount: number;
  bytesTotal: number;
  bytesNew: number;
}

/** How far a running attempt is; sent at most every two seconds, may be lost. */
export interface TaskProgress {
  taskId: string;
  fence: Fence;
  phase: 'starting' | 'listing' | 'transferring' | 'committing' | 'waiting';
  counts: TaskCounts;
  /** Items expected in all, where known. */
  itemsExpected?: number;
  /** ISO 8601, UTC. */
  at: string;
}
