import { Failure, isFailure, type Clock } from '@backhaul/domain';
import type { Middleware } from '@microsoft/microsoft-graph-client';
import type { Classified } from '../classify.ts';
import { cancelled } from '../transport-failure.ts';
import { step, type Call } from './call.ts';
import { nextStep, type Attempts, type RetryPolicy } from './next-step.ts';

export interface PersistOptions {
  clock: Clock;
  policy: RetryPolicy;
  /** A source of numbers of [0, 1); spreads repetitions in time, nothing secret hangs on it. */
  random: () => number;
  onRepeat: () => void;
}

/** The outermost step: repeats a call as long as that can help, and turns what is thrown inside into its outcome. */
export function persist(options: PersistOptions): Middleware {
  return step(async (call, _context, next) => {
    try {
      await repeatedly(call, next, options);
    } catch (mistake) {
      call.outcome = isFailure(mistake) ? { error: { failure: mistake, remedy: 'none' } } : { mistake };
    }
  });
}

async function repeatedly(call: Call, next: () => Promise<void>, options: PersistOptions): Promise<void> {
  // Where no token is sent, another one cannot help.
  const attempts: Attempts = { failed: 0, tokenRenewed: call.anonymous, repeatable: call.repeatable };
  for (;;) {
    delete call.outcome;
    await next();
    const error = errorOf(call);
    if (error === null) return;
    if (error.remedy === 'repeat') attempts.failed += 1;
    const decided = nextStep(error, attempts, options.policy, options.random());
    if (decided.do === 'give-up') throw asSeenOutside(call, error.failure);
    options.onRepeat();
    if (decided.do === 'renew-token') {
      attempts.tokenRenewed = true;
      if (call.token !== undefined) call.refusedToken = call.token;
    }
    if (decided.do === 'repeat') await rest(options.clock, decided.afterMs, call.signal);
  }
}

function errorOf(call: Call): Classified | null {
  return call.outcome !== undefined && 'error' in call.outcome ? call.outcome.error : null;
}

/** Waits between two attempts. @throws Failure the reason when the work is stopped meanwhile. */
export async function rest(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch {
    throw cancelled(signal);
  }
}

/** Where repeating may do a thing twice, the caller must look whether it was done. */
function asSeenOutside(call: Call, failure: Failure): Failure {
  const lost =
    !call.repeatable && isFailure(failure, 'unavailable', 'timed-out') && failure.code !== 'graph.unexpected-redirect';
  if (!lost) return failure;
  return new Failure('unavailable', {
    code: 'graph.answer-lost',
    message: `${failure.message} It is not known whether the request took effect.`,
    retry: 'later',
    where: { ...failure.where },
    cause: failure,
  });
}
