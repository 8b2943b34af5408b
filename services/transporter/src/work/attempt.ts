import { Failure, isFailure, noCounts, type Clock, type TaskCounts, type TaskResult } from '@backhaul/domain';
import {
  claimLease,
  claimOf,
  holdLease,
  leaseKeyOf,
  type HeldLease,
  type Offer,
  type TransporterDispatch,
} from '@backhaul/dispatch';
import type { WorkContext } from '@backhaul/engine';
import { withTraceparent, type Logger } from '@backhaul/telemetry';
import { borrow, type LoanKeeper } from './loan-keeper.ts';
import { ABANDONED, resultOfError, resultOfWork } from './task-result.ts';
import type { Workbench } from './workbench.ts';

/** What an attempt needs besides its offer. */
export interface AttemptTools {
  dispatch: TransporterDispatch;
  workbench: Workbench;
  clock: Clock;
  logger: Logger;
  leaseTimeMs: number;
}

/** One attempt at a task, from the claim to the accepted report. */
export interface RunningAttempt {
  readonly offer: Offer;
  /** Resolves when nothing of it goes on any more; never rejects. */
  readonly done: Promise<void>;
  /** Asks it to keep its progress and give way at the next safe point. */
  giveWay(reason: string): void;
  /** Asks it to stop at the next safe point and to be cancelled. */
  cancel(): void;
  /** Ends it at once and gives its task back, to run elsewhere. */
  abandon(): void;
}

/** Begins the attempt; see {@link RunningAttempt}. */
export function startAttempt(offer: Offer, receivedAtMs: number, tools: AttemptTools): RunningAttempt {
  const stop = new AbortController();
  const wishes: Wishes = { giveWay: null, stop };
  const logger = tools.logger.child({ taskId: offer.spec.taskId, fence: offer.fence });
  const done = withTraceparent(offer.traceparent, () =>
    attempt(offer, receivedAtMs, wishes, { ...tools, logger }),
  ).catch((error: unknown) => logger.error({ err: error }, 'attempt ended unreported'));
  return {
    offer,
    done,
    giveWay: (reason) => (wishes.giveWay ??= reason),
    cancel: () => stop.abort(cancelled()),
    abandon: () => stop.abort(abandoned()),
  };
}

/** What others want of a running attempt. */
interface Wishes {
  giveWay: string | null;
  stop: AbortController;
}

async function attempt(offer: Offer, receivedAtMs: number, wishes: Wishes, tools: AttemptTools): Promise<void> {
  const { dispatch, clock, leaseTimeMs, logger } = tools;
  const claim = await claimLease(offer, receivedAtMs, { leases: dispatch.leases, clock, signal: wishes.stop.signal });
  if (claim.outcome !== 'claimed') {
    logger.info({ outcome: claim.outcome }, 'offer not claimed');
    if (claim.outcome === 'taken') await dispatch.results.send(refusal(offer, claim.leaseRevision), wishes.stop.signal);
    return;
  }
  const lease = holdLease({
    leases: dispatch.leases,
    key: leaseKeyOf(offer),
    value: claimOf(offer),
    revision: claim.revision,
    sentAtMs: claim.sentAtMs,
    leaseTimeMs,
    clock,
    onCancelRequested: () => wishes.stop.abort(cancelled()),
  });
  try {
    const result = await workUnderLease(offer, lease, wishes, tools);
    if (result === null) return;
    // Repeated until it is stored or the lease ends; after that the next holder finds the point and reports it.
    await dispatch.results.send(result, lease.signal);
    logger.info({ outcome: result.outcome, failure: result.failure }, 'attempt reported');
  } finally {
    lease.end();
  }
}

async function workUnderLease(
  offer: Offer,
  lease: HeldLease,
  wishes: Wishes,
  { dispatch, workbench, clock, logger }: AttemptTools,
): Promise<TaskResult | null> {
  const { taskId } = offer.spec;
  const attempt = { taskId, fence: offer.fence };
  const signal = AbortSignal.any([lease.signal, wishes.stop.signal]);
  let counts = noCounts();
  try {
    const loan: LoanKeeper | null = await borrow(dispatch.lending, { ...attempt, boot: offer.boot }, clock, signal);
    if (loan === null) {
      logger.info('the Director does not want it started');
      return null;
    }
    const context: WorkContext = {
      clock,
      signal,
      checkLease: () => lease.check(),
      shouldYield: () => wishes.giveWay,
      onProgress: (progress) => {
        counts = progress.counts;
        dispatch.progress.send({ ...attempt, ...progress, at: clock.now().toISOString() });
      },
    };
    return resultOfWork(attempt, await workbench.work(offer, loan, context));
  } catch (thrown) {
    // Whatever broke first when the work was told to stop, the reason is why it was told so.
    const error: unknown = signal.aborted ? signal.reason : thrown;
    if (isFailure(error)) logger.warn({ err: error }, 'work ended early');
    else logger.error({ err: error }, 'work failed unexpectedly');
    return resultOfError(attempt, error, counts);
  }
}

function refusal(offer: Offer, leaseRevision: number): TaskResult {
  const counts: TaskCounts = noCounts();
  return { taskId: offer.spec.taskId, fence: offer.fence, outcome: 'refused', counts, issues: [], leaseRevision };
}

function cancelled(): Failure {
  return new Failure('cancelled', { code: 'task.cancelled', message: 'The task was cancelled.', retry: 'never' });
}

function abandoned(): Failure {
  // The kind makes the work stop at once, without looking for a safe point.
  return new Failure('lease-lost', {
    code: ABANDONED,
    message: 'The Transporter ended before the task came to a safe point.',
    retry: 'later',
  });
}
