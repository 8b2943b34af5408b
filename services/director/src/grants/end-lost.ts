import { silenceUntilLostMs } from '@backhaul/dispatch';
import type { RunningAttempt } from './attempt-book.ts';
import { leaseKeyOf, type Term } from './term.ts';

/** Ends the attempts whose holder cannot be at work any more, by the rule that dispatch keeps. */
export async function endLost(term: Term): Promise<void> {
  for (const attempt of term.book.all()) {
    if (attempt.offer.state === 'open' || !(await isLost(term, attempt))) continue;
    const { taskId, fence, transporterId } = attempt;
    term.counters.lost += 1;
    term.logger.warn({ taskId, fence, transporterId }, 'an attempt is lost: its lease was not renewed');
    await term.end([{ by: 'director', taskId, fence, outcome: 'lost' }]);
  }
}

async function isLost({ clock, leaseTimeMs, watch }: Term, attempt: RunningAttempt): Promise<boolean> {
  // What was granted a moment ago has no reservation yet that could be seen.
  const isYoung = clock.monotonicMs() - attempt.knownSinceMs <= silenceUntilLostMs(leaseTimeMs);
  return !isYoung && watch.isLost({ fence: attempt.fence, key: leaseKeyOf(attempt) });
}
