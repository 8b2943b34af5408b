import type { AttemptOutcome, FailureRecord } from '@backhaul/domain';

/** A task that failed retryably this often is failed for good. */
export const MAX_FAILURES = 5;

/** A task whose holder was lost this often is failed for good: it probably kills the process. */
export const MAX_LOSSES = 5;

/** From so many losses on, a task runs alone on a Transporter, so that it takes nobody with it. */
export const LOSSES_BEFORE_ALONE = 3;

/** First pause after a failure; it doubles with every further one. */
const BACK_OFF_MS = 30_000;
const BACK_OFF_WHEN_NOW_MS = 2_000;

/** An offer that was refused or never claimed is not made again at once, lest it be refused without end. */
const PAUSE_AFTER_REFUSAL_MS = 1_000;

/** What the database knew of the task while the attempt ran. */
export interface TaskMemory {
  failures: number;
  losses: number;
  cancelRequested: boolean;
}

/** How an attempt ended, as far as it decides what becomes of the task. */
export interface Ending {
  outcome: AttemptOutcome;
  failure?: FailureRecord;
  /** Not before this many milliseconds from now, where the Transporter asks for it. */
  notBeforeMs?: number;
}

/** What becomes of the task; `failures` and `losses` are the new totals. */
export type AfterAttempt = { failures: number; losses: number } & (
  | { state: 'succeeded' | 'warning' | 'cancelled' }
  | { state: 'failed'; failure: FailureRecord }
  | { state: 'queued'; notBeforeMs: number; cause?: FailureRecord }
);

/**
 * What becomes of a task when an attempt has ended. Work that is done stays done, even when it was to be cancelled; else a
 * cancelled task never goes back to the queue. Refused, yielded and unclaimed attempts cost the task nothing.
 */
export function afterAttempt(task: TaskMemory, ending: Ending): AfterAttempt {
  const { failures, losses } = task;
  switch (ending.outcome) {
    case 'succeeded':
    case 'warning':
      return { state: ending.outcome, failures, losses };
    case 'failed':
      return afterFailure(task, ending);
    case 'lost':
      return afterLoss(task);
    case 'refused':
      return again({ failures, losses }, task, PAUSE_AFTER_REFUSAL_MS, ending);
    case 'yielded':
    case 'cancelled':
      // A Transporter that stopped although nobody asked for it (it was told by mistake) has yielded.
      return again({ failures, losses }, task, ending.notBeforeMs ?? 0, ending);
  }
}

function afterFailure(task: TaskMemory, ending: Ending): AfterAttempt {
  const failures = task.failures + 1;
  const failure = ending.failure ?? UNEXPLAINED;
  const hopeless = failure.retry === 'never' || failures >= MAX_FAILURES;
  if (hopeless) return { state: 'failed', failures, losses: task.losses, failure };
  const base = failure.retry === 'now' ? BACK_OFF_WHEN_NOW_MS : BACK_OFF_MS;
  const pauseMs = Math.max(base * 2 ** (failures - 1), ending.notBeforeMs ?? 0);
  return again({ failures, losses: task.losses }, task, pauseMs, ending);
}

function afterLoss(task: TaskMemory): AfterAttempt {
  const counts = { failures: task.failures, losses: task.losses + 1 };
  if (task.cancelRequested) return { state: 'cancelled', ...counts };
  if (counts.losses >= MAX_LOSSES) return { state: 'failed', ...counts, failure: LOST_TOO_OFTEN };
  return { state: 'queued', ...counts, notBeforeMs: 0, cause: LOST };
}

function again(
  counts: { failures: number; losses: number },
  task: TaskMemory,
  notBeforeMs: number,
  { failure }: Ending,
): AfterAttempt {
  if (task.cancelRequested) return { state: 'cancelled', ...counts };
  return { state: 'queued', ...counts, notBeforeMs, ...(failure === undefined ? {} : { cause: failure }) };
}

const UNEXPLAINED: FailureRecord = {
  kind: 'internal',
  code: 'task.unexplained-failure',
  message: 'The Transporter reported a failure without a reason.',
  retry: 'never',
};

const LOST: FailureRecord = {
  kind: 'lease-lost',
  code: 'task.holder-lost',
  message: 'The Transporter stopped renewing its lease.',
  retry: 'now',
};

const LOST_TOO_OFTEN: FailureRecord = {
  kind: 'lease-lost',
  code: 'task.lost-too-often',
  message: `The Transporter was lost ${MAX_LOSSES} times while it worked on this object.`,
  hint: "Look into the Transporters' logs for what ends them; the object may need more memory than they have.",
  retry: 'never',
};
