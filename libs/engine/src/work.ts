import type { Clock, ItemIssue, PointSummary, TaskCounts, TaskProgress } from '@backhaul/domain';
import type { ContentBudget } from './content-budget.ts';

/** What every piece of work gets from the one who runs it. */
export interface WorkContext {
  clock: Clock;
  /** Aborted with a `Failure`: `lease-lost` or `stale` (stop at once, commit nothing) or `cancelled` (stop at a safe point). */
  signal: AbortSignal;
  /** Called before every request and before the commit; throws `lease-lost` when the lease's deadline is near. */
  checkLease: () => void;
  /** Asked at safe points: a reason to stop early, keep the progress and come back later (drain, a restore waits); or null. */
  shouldYield: () => string | null;
  /** Shared by all work of a process: what it may hold of fetched items at once. Default: no limit. */
  contentBudget?: ContentBudget;
  onProgress: (progress: Pick<TaskProgress, 'phase' | 'counts' | 'itemsExpected'>) => void;
}

/** How a piece of work ended; what it could not do for a single item is in `issues`, never an exception. */
export type WorkOutcome =
  | {
      type: 'done';
      /** `warning` when an item was skipped or a container could not be read. */
      outcome: 'succeeded' | 'warning';
      counts: TaskCounts;
      issues: ItemIssue[];
      /** Present after a backup. */
      point?: PointSummary;
    }
  | { type: 'yielded'; reason: string; notBeforeMs: number; counts: TaskCounts; issues: ItemIssue[] };
