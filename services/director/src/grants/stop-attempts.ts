import { placeCancelMark } from '@backhaul/dispatch';
import type { RunningAttempt } from './attempt-book.ts';
import { backupsInTheWay } from './backlog.store.ts';
import { leaseKeyOf, type Term } from './term.ts';

/**
 * Tells the holders of tasks that are to be cancelled: by a hint, repeated because it may be lost, and by a mark in the
 * lease, which the next renewal meets whatever became of the hints.
 */
export async function cancelAttempts(term: Term): Promise<void> {
  const held = term.book.all().filter(({ cancelRequested, offer }) => cancelRequested && offer.state === 'taken');
  await Promise.all(held.map((attempt) => cancel(term, attempt)));
}

async function cancel(term: Term, attempt: RunningAttempt): Promise<void> {
  const { taskId, fence, transporterId } = attempt;
  term.dispatch.control.send(transporterId, { type: 'cancel', taskId, fence });
  if (attempt.cancelMark !== 'none') return;
  const key = leaseKeyOf(attempt);
  const lastSeen = term.watch.lastSeen(key);
  try {
    const placed = await placeCancelMark({ leases: term.dispatch.leases, key, fence, lastSeen });
    if (placed === 'marked') attempt.cancelMark = 'placed';
  } catch (error) {
    term.logger.warn({ taskId, fence, error: String(error) }, 'a cancel mark could not be placed; trying again');
  }
}

/** Asks backups to give way to restores that wait for the same object. */
export async function yieldToRestores(term: Term): Promise<void> {
  for (const fence of await backupsInTheWay(term.database)) {
    const attempt = term.book.get(fence);
    if (attempt?.offer.state !== 'taken') continue;
    const { taskId, transporterId } = attempt;
    term.dispatch.control.send(transporterId, { type: 'yield', taskId, fence, reason: 'A restore needs the object.' });
  }
}

/**
 * Takes the leases of a revoked Transporter away by a value that is not its own: its next renewal fails and it stops. Its
 * attempts are lost once it must have stopped.
 */
export async function takeLeases(term: Term, isRevoked: (transporterId: string) => boolean): Promise<void> {
  for (const attempt of term.book.all()) {
    if (!isRevoked(attempt.transporterId)) continue;
    const key = leaseKeyOf(attempt);
    const seen = term.watch.lastSeen(key);
    if (seen === null || seen.value.fence !== attempt.fence || seen.value.state === 'tombstone') continue;
    await term.dispatch.leases
      .write(key, { ...seen.value, state: 'tombstone' }, seen.revision)
      .catch((error: unknown) => {
        term.logger.warn({ ...key, error: String(error) }, 'the lease of a revoked Transporter could not be taken');
      });
  }
}
