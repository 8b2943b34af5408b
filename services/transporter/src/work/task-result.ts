import {
  failureRecord,
  MAX_ISSUES,
  noCounts,
  toFailure,
  type Fence,
  type TaskCounts,
  type TaskResult,
} from '@backhaul/domain';
import type { WorkOutcome } from '@backhaul/engine';

/** Without advice on when to come back, a task that must wait for Microsoft waits this long. */
const DEFAULT_WAIT_MS = 60_000;

/** Code of the failure with which this process cuts an attempt off. */
export const ABANDONED = 'task.abandoned';

/** Which task, under which fence. */
export interface Attempt {
  taskId: string;
  fence: Fence;
}

/** The report of work that came to an end by itself. */
export function resultOfWork(attempt: Attempt, outcome: WorkOutcome): TaskResult {
  const common = { ...attempt, counts: outcome.counts, issues: outcome.issues.slice(0, MAX_ISSUES) };
  if (outcome.type === 'yielded') return { ...common, outcome: 'yielded', notBeforeMs: outcome.notBeforeMs };
  return { ...common, outcome: outcome.outcome, ...(outcome.point === undefined ? {} : { point: outcome.point }) };
}

/**
 * The report of work that ended with an error, or null when there is nothing to report: who lost the lease, or found a
 * newer holder, is silent, because nothing of the attempt counts any more. Who was cut off by a drain still holds the lease
 * and gives the task back.
 */
export function resultOfError(attempt: Attempt, error: unknown, counts: TaskCounts = noCounts()): TaskResult | null {
  const failure = toFailure(error);
  const common = { ...attempt, counts, issues: [], failure: failureRecord(failure) };
  if (failure.code === ABANDONED) return { ...common, outcome: 'yielded', notBeforeMs: 0 };
  if (failure.kind === 'lease-lost' || failure.kind === 'stale') return null;
  if (failure.kind === 'cancelled') return { ...common, outcome: 'cancelled' };
  if (failure.kind === 'throttled') {
    return { ...common, outcome: 'yielded', notBeforeMs: failure.retryAfterMs ?? DEFAULT_WAIT_MS };
  }
  return { ...common, outcome: 'failed' };
}
