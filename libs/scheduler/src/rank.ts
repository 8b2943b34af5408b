import { RESTORE_PRIORITY } from '@backhaul/domain';

/** Waiting never raises a job above this: the highest priority that a job can be given. */
const HIGHEST_BY_WAITING = 1;

/**
 * A lane's priority after ageing: one level better for each `ageingMsPerLevel` (0: never) that its longest waiting
 * runnable task has waited, never better than 1. Restores stay at 0, before everything.
 */
export function effectivePriority(priority: number, waitedMs: number, ageingMsPerLevel: number): number {
  if (priority <= RESTORE_PRIORITY || ageingMsPerLevel <= 0) return priority;
  const levels = Math.max(0, Math.floor(waitedMs / ageingMsPerLevel));
  return Math.max(HIGHEST_BY_WAITING, priority - levels);
}

/** In the fair share, a lane without a limit counts as one with the largest limit that can be set. */
const NO_LIMIT_COUNTS_AS = 1000;

/** How much of what it may have a lane has already: its running tasks relative to its limit. */
export function shareInUse(running: number, limit: number | null): number {
  return running / (limit ?? NO_LIMIT_COUNTS_AS);
}

/** What decides between two tasks that could both start. The sequence (order of arrival) makes the order total. */
export interface Rank {
  effectivePriority: number;
  shareInUse: number;
  queuedAtMs: number;
  sequence: number;
}

/** Negative when `one` starts before `other`: better priority, then smaller share in use, then longer wait. */
export function compareRanks(one: Rank, other: Rank): number {
  return (
    one.effectivePriority - other.effectivePriority ||
    one.shareInUse - other.shareInUse ||
    one.queuedAtMs - other.queuedAtMs ||
    one.sequence - other.sequence
  );
}
