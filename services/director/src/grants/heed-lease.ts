import { placeCancelMark, type LeaseKey, type LeaseValue } from '@backhaul/dispatch';
import { isFenceRunning } from './backlog.store.ts';
import type { Term } from './term.ts';

/** What the dispatcher does about a write that came by in the leases; most of them need nothing. */
export async function heedLease(term: Term, key: LeaseKey, value: LeaseValue, revision: number): Promise<void> {
  const attempt = term.book.get(value.fence);
  if (attempt === undefined) {
    if (value.state === 'claimed') await refuseStaleClaim(term, key, value, revision);
    return;
  }
  if (value.state === 'claimed') {
    attempt.offer = { state: 'taken' };
    if (attempt.cancelMark === 'placed') attempt.cancelMark = 'met';
  }
  if (value.state === 'released') {
    // The holder did not begin: the task may be offered to another at once.
    await term.end([{ by: 'director', taskId: attempt.taskId, fence: attempt.fence, outcome: 'refused' }]);
  }
}

/** Who claims or renews for a fence that does not run is told to stop by a mark in its key. */
async function refuseStaleClaim(term: Term, key: LeaseKey, value: LeaseValue, revision: number): Promise<void> {
  const { database, dispatch } = term;
  if (await isFenceRunning(database, value.fence)) return;
  await placeCancelMark({ leases: dispatch.leases, key, fence: value.fence, lastSeen: { value, revision } });
}
