import { reserveSlot } from '@backhaul/dispatch';
import type { FailureRecord } from '@backhaul/domain';
import { traceparent } from '@backhaul/telemetry';
import type { RunningAttempt } from './attempt-book.ts';
import { isFenceRunning } from './backlog.store.ts';
import type { Grant } from './grant.store.ts';
import { leaseKeyOf, leaseValueOf, type Term } from './term.ts';

/**
 * Reserves the slot of a committed grant and offers the task. Without a reservation nothing is offered and the grant is
 * given back; an offer that may or may not have left stays open until it is claimed or taken back. Never throws on trouble
 * with the transport.
 */
export async function offerGrant(term: Term, attempt: RunningAttempt, grant: Grant, priority: number): Promise<void> {
  const revision = await reserve(term, attempt);
  if (revision === null) return;
  attempt.offer = { state: 'open', sinceMs: term.clock.monotonicMs(), revision };
  const { spec, fence, slot, earlierAttempts, transporterId, boot } = grant;
  const offer = { spec, fence, slot, leaseRevision: revision, earlierAttempts, transporterId, boot };
  await term.dispatch.offers.send({ ...offer, traceparent: traceparent() }, priority).catch((error: unknown) => {
    term.logger.warn({ taskId: spec.taskId, fence, error: String(error) }, 'an offer may not have been sent');
  });
}

async function reserve(term: Term, attempt: RunningAttempt): Promise<number | null> {
  const { book, database, dispatch, watch } = term;
  const key = leaseKeyOf(attempt);
  try {
    const reservation = await reserveSlot({
      leases: dispatch.leases,
      key,
      reservation: leaseValueOf(attempt),
      knownRevision: watch.knownRevision(key),
      isRunning: (fence) => book.has(fence) || isFenceRunning(database, fence),
    });
    if (reservation.reserved) return reservation.revision;
    term.logger.warn({ ...key, occupant: reservation.occupant.fence }, 'a granted slot is held by another fence');
    await giveBack(term, attempt, OCCUPIED);
  } catch (error) {
    term.logger.warn({ ...key, error: String(error) }, 'a granted slot could not be reserved');
    await giveBack(term, attempt, UNREACHABLE);
  }
  return null;
}

async function giveBack(term: Term, { taskId, fence }: RunningAttempt, failure: FailureRecord): Promise<void> {
  await term.end([{ by: 'director', taskId, fence, outcome: 'refused', failure }]);
}

const OCCUPIED: FailureRecord = {
  kind: 'conflict',
  code: 'grant.slot-occupied',
  message: 'The lease of the slot is held by another attempt.',
  retry: 'later',
};

const UNREACHABLE: FailureRecord = {
  kind: 'unreachable',
  code: 'grant.not-offered',
  message: 'The lease of the slot could not be reserved.',
  retry: 'later',
};
