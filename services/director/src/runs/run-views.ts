import type {
  AttemptOutcome,
  FailureRecord,
  ItemIssue,
  ObjectKind,
  PointSummary,
  TaskCounts,
  TaskProgress,
  TaskState,
} from '@backhaul/domain';
import type { RunOptions } from './run-options.ts';

export type RunState = 'running' | 'stopping' | 'ended';

/** The data outcome of a run: failed if any object failed, else cancelled if it was stopped before its end, else warning. */
export type RunOutcome = 'succeeded' | 'warning' | 'failed' | 'cancelled';

/** A run as lists show it. */
export interface RunSummary {
  runId: string;
  kind: 'backup' | 'restore';
  /** Null for a restore. */
  jobId: string | null;
  /** The job's name when the run started; null for a restore. */
  jobName: string | null;
  state: RunState;
  /** Null until the run has ended. */
  outcome: RunOutcome | null;
  startedAt: Date;
  endedAt: Date | null;
  tasksTotal: number;
  tasksEnded: number;
}

/** One run with everything counted over its tasks. */
export interface RunDetails extends RunSummary {
  options: RunOptions;
  /** Number of tasks in each state; they add up to `tasksTotal`. */
  tasks: Record<TaskState, number>;
  /** Sums over all tasks: the final counts of those that ended, the last reported progress of the others. */
  counts: TaskCounts;
}

/** Why a queued task does not run yet, for a person. `code` is stable. */
export interface WaitingReason {
  code: string;
  message: string;
}

/** One task as lists show it. */
export interface TaskView {
  taskId: string;
  runId: string;
  object: { objectId: string; kind: ObjectKind; displayName: string; address: string };
  state: TaskState;
  cancelRequested: boolean;
  queuedAt: Date;
  /** It does not start before this time (back-off, or Microsoft asked to wait); null when it may start at once. */
  notBefore: Date | null;
  startedAt: Date | null;
  endedAt: Date | null;
  /** Grants so far; failures and losses among them count towards giving up. */
  attempts: number;
  failures: number;
  losses: number;
  /** Who works or worked on it last; null before the first grant. */
  transporter: { transporterId: string; name: string } | null;
  /** Last report of the present or latest attempt. */
  progress: TaskProgress | null;
  counts: TaskCounts;
  /** Why it failed, or why the last attempt did not end it. */
  failure: FailureRecord | null;
  /** Only while queued. */
  waiting: WaitingReason | null;
}

/** One task with all there is to know. */
export interface TaskDetails extends TaskView {
  issues: ItemIssue[];
  point: PointSummary | null;
  history: AttemptView[];
}

export interface AttemptView {
  fence: number;
  transporter: { transporterId: string; name: string };
  slot: number;
  grantedAt: Date;
  /** When the Transporter was allowed to begin; null when it never asked. */
  startedAt: Date | null;
  endedAt: Date | null;
  /** Null while it runs. */
  outcome: AttemptOutcome | null;
  failure: FailureRecord | null;
}
