import type { FailureRecord, TaskResult } from '@backhaul/domain';

/** What the result must fit to. */
export interface TaskIdentity {
  type: 'backup' | 'restore';
  /** Null for a restore. */
  jobId: string | null;
  objectId: string;
}

/**
 * The result as far as it can be true: a backup is no success without the recovery point that proves it, a point of
 * another chain counts for nothing, and what lost items or is incomplete is a warning at best.
 */
export function credibleResult(task: TaskIdentity, result: TaskResult): TaskResult {
  const point = result.point;
  if (point !== undefined && (point.jobId !== task.jobId || point.objectId !== task.objectId)) {
    const { point: _foreign, ...rest } = result;
    return { ...rest, outcome: 'failed', failure: FOREIGN_POINT };
  }
  const isDone = result.outcome === 'succeeded' || result.outcome === 'warning';
  if (isDone && task.type === 'backup' && point === undefined) {
    return { ...result, outcome: 'failed', failure: NO_POINT };
  }
  const isFlawed = result.counts.itemsFailed > 0 || point?.status === 'incomplete';
  return result.outcome === 'succeeded' && isFlawed ? { ...result, outcome: 'warning' } : result;
}

const FOREIGN_POINT: FailureRecord = {
  kind: 'internal',
  code: 'result.foreign-point',
  message: 'The Transporter reported a recovery point of another job or object.',
  hint: 'Check which program runs under the name of this Transporter.',
  retry: 'never',
};

const NO_POINT: FailureRecord = {
  kind: 'internal',
  code: 'result.no-point',
  message: 'The Transporter reported success without a recovery point.',
  hint: 'Check which program runs under the name of this Transporter.',
  retry: 'never',
};
