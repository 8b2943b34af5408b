import { takeBackOffer, UNCLAIMED_AFTER_MS } from '@backhaul/dispatch';
import type { FailureRecord } from '@backhaul/domain';
import type { RunningAttempt } from './attempt-book.ts';
import { leaseKeyOf, leaseValueOf, type Term } from './term.ts';

/**
 * Takes back offers that nobody claimed in time, and at once those whose task is to be cancelled. Returns the attempts that
 * went back to the queue: whoever did not take them may be unable to.
 */
export async function takeBackUnclaimed(term: Term): Promise<RunningAttempt[]> {
  const nowMs = term.clock.monotonicMs();
  const due = term.book.all().filter((attempt) => isDue(attempt, nowMs));
  const takenBack = await Promise.all(due.map((attempt) => takeBack(term, attempt)));
  return due.filter((attempt, index) => takenBack[index] === true && !attempt.cancelRequested);
}

function isDue({ offer, cancelRequested }: RunningAttempt, nowMs: number): boolean {
  return offer.state === 'open' && (cancelRequested || nowMs - offer.sinceMs > UNCLAIMED_AFTER_MS);
}

async function takeBack(term: Term, attempt: RunningAttempt): Promise<boolean> {
  const { offer, taskId, fence } = attempt;
  if (offer.state !== 'open') return false;
  const verdict = await takeBackOffer({
    leases: term.dispatch.leases,
    key: leaseKeyOf(attempt),
    reservation: leaseValueOf(attempt),
    revision: offer.revision,
  });
  if (verdict !== 'taken-back') {
    // Claimed, or nobody can tell: from now on only the rule of lost attempts ends it.
    attempt.offer = { state: 'taken' };
    return false;
  }
  term.counters.unclaimed += 1;
  await term.end([{ by: 'director', taskId, fence, outcome: 'refused', failure: UNCLAIMED }]);
  return true;
}

const UNCLAIMED: FailureRecord = {
  kind: 'timed-out',
  code: 'offer.unclaimed',
  message: 'The Transporter did not take the task it was offered.',
  retry: 'now',
};
