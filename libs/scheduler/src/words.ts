/** A lane as the scheduler must know it: what a limit on concurrent tasks applies to, a job or a restore. */
export interface Lane {
  laneId: string;
  /** 1 (highest) to 5 for jobs; 0 for restores, which outrank every backup. */
  priority: number;
  /** How many of its tasks may run at the same time; `null` is no limit. */
  limit: number | null;
  /** Nothing of it starts; what runs goes on. */
  paused: boolean;
}

/** A task that waits for its turn. */
export interface QueuedTask {
  taskId: string;
  laneId: string;
  /** Two tasks with the same key (a mailbox, drive or site) never run at once, of whatever lanes. */
  objectKey: string;
  repositoryId: string;
  /** Since when it waits; milliseconds on the clock of `nowMs`. */
  queuedAtMs: number;
  /** It must not start earlier; milliseconds on the clock of `nowMs`. Default: at once. */
  notBeforeMs?: number;
  /** It takes a Transporter for itself: a task that seems to have killed others. Default: false. */
  alone?: boolean;
  /** Transporters that must not get it, for example because they refused it. Default: none. */
  excludedTransporters?: readonly string[];
  /** Only Transporters of this pool may get it. Default: any. */
  pool?: string;
}

/** A task that runs, as it is found when the scheduler begins, or comes to be known later. */
export interface RunningTask {
  taskId: string;
  laneId: string;
  objectKey: string;
  transporterId: string;
  /** It has the Transporter for itself. Default: false. */
  alone?: boolean;
}

/** A Transporter as it last described itself. */
export interface Transporter {
  transporterId: string;
  /** How many tasks it runs at the same time. */
  capacity: number;
  /** How many more it could take just now, by its own account. */
  freeSlots: number;
  /** Ids of the repositories that it reaches. */
  repositories: readonly string[] | 'any';
  /** Takes nothing new. */
  draining: boolean;
  /** Pools it belongs to. Default: none. */
  pools?: readonly string[];
}

/** A task shall start on a Transporter. */
export interface Choice {
  taskId: string;
  laneId: string;
  transporterId: string;
}
