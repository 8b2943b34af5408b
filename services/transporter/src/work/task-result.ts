import {
  failureRecord,
  isFailure,
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
 * newer holder, is silent, because nothing of the attempt counts any more.
 */
export function resultOfError(attempt: Attempt, error: unknown, counts: TaskCounts = noCounts()): TaskResult | null {
  if (isFailure(error, 'lease-lost', 'stale')) return null;
  const failure = toFailure(error);
  const common = { ...attempt, counts, issues: [], failure: failureRecord(failure) };
  if (failure.kind === 'cancelled') return { ...common, outcome: 'cancelled' };
  if (failure.kind === 'throttled') {
    return { ...common, outcome: 'yielded', notBeforeMs: failure.retryAfterMs ?? DEFAULT_WAIT_MS };
  }
  return { ...common, outcome: 'failed' };
}
