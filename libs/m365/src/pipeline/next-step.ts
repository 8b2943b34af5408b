import type { Classified } from '../classify.ts';

export interface RetryPolicy {
  /** Attempts at a call in all, the first included; pauses that Microsoft asked for do not count. */
  maxTries: number;
  /** The growing pause begins here. */
  firstPauseMs: number;
  longestPauseMs: number;
}

/** What happened to one call so far. */
export interface Attempts {
  /** Made and failed for a transient reason. */
  failed: number;
  tokenRenewed: boolean;
  repeatable: boolean;
}

export type NextStep =
  { do: 'give-up' } | { do: 'renew-token' } | { do: 'wait-at-gate' } | { do: 'repeat'; afterMs: number };

/**
 * What to do after an attempt failed. Full jitter (a random share of a bound that doubles) keeps many clients apart.
 * @param random a number of [0, 1)
 */
export function nextStep(error: Classified, attempts: Attempts, policy: RetryPolicy, random: number): NextStep {
  switch (error.remedy) {
    case 'none':
      return { do: 'give-up' };
    case 'pause':
      return { do: 'wait-at-gate' };
    case 'renew-token':
      return { do: attempts.tokenRenewed ? 'give-up' : 'renew-token' };
    case 'repeat': {
      const nothingWasSent = error.failure.kind === 'unreachable';
      if (!attempts.repeatable && !nothingWasSent) return { do: 'give-up' };
      if (attempts.failed >= policy.maxTries) return { do: 'give-up' };
      const boundMs = Math.min(policy.longestPauseMs, policy.firstPauseMs * 2 ** (attempts.failed - 1));
      return { do: 'repeat', afterMs: Math.floor(random * boundMs) };
    }
  }
}
