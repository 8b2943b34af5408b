import type {
  BackupExtras,
  ChangeTracking,
  CollisionRule,
  ItemKind,
  RestoreExtras,
  RestorePlacement,
  RestoreSelection,
} from '@backhaul/domain';

/** Which of a job's objects a run covers. */
export type RunScope = { type: 'all' } | { type: 'objects'; objectIds: string[] };

/** A job's configuration as it was when the run started; never changed afterwards. */
export interface BackupRunOptions {
  type: 'backup';
  jobId: string;
  jobName: string;
  tenantId: string;
  repositoryId: string;
  /** Of each mailbox. */
  itemKinds: ItemKind[];
  include: BackupExtras;
  changeTracking: ChangeTracking;
  scope: RunScope;
  forceFull: boolean;
}

/** One object that gets items back: from which point, which of them, where to, and what becomes of what is there. */
export interface RestoreTarget {
  /** The protected object that is written; the original one or another. */
  objectId: string;
  source: { jobId: string; objectId: string; sequence: number };
  selection: RestoreSelection;
  placement: RestorePlacement;
  collision: CollisionRule;
  include: RestoreExtras;
}

/** A whole restore: one repository, any number of target objects, each at most once. */
export interface RestorePlan {
  /** The restore's id; every created item carries it, so that repeating the plan doubles nothing. */
  restoreId: string;
  repositoryId: string;
  targets: RestoreTarget[];
}

export interface RestoreRunOptions {
  type: 'restore';
  plan: RestorePlan;
}

export type RunOptions = BackupRunOptions | RestoreRunOptions;
