import { Failure, type FailureKind } from '@backhaul/domain';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Remedy } from '../src/meanings.ts';
import { nextStep, type Attempts } from '../src/pipeline/next-step.ts';

const POLICY = { maxTries: 5, firstPauseMs: 1_000, longestPauseMs: 30_000 };

const error = (remedy: Remedy, kind: FailureKind = 'unavailable') => ({
  remedy,
  failure: new Failure(kind, { code: 'x', message: 'x', retry: 'later' }),
});
const attempts = (more: Partial<Attempts> = {}): Attempts => ({
  failed: 1,
  tokenRenewed: false,
  repeatable: true,
  ...more,
});

describe('after a failed attempt', () => {
  test.each<[string, ReturnType<typeof error>, Attempts, string]>([
    ['what cannot be helped is given up', error('none'), attempts(), 'give-up'],
    ['a refused token is renewed', error('renew-token'), attempts(), 'renew-token'],
    ['a token refused again is given up', error('renew-token'), attempts({ tokenRenewed: true }), 'give-up'],
    ['throttling is waited out at the gate', error('pause'), attempts(), 'wait-at-gate'],
    ['throttling is waited out however often', error('pause'), attempts({ failed: 99 }), 'wait-at-gate'],
    [
      'throttling is waited out even by what must not be repeated',
      error('pause'),
      attempts({ repeatable: false }),
      'wait-at-gate',
    ],
    ['a transient failure is repeated', error('repeat'), attempts({ failed: 4 }), 'repeat'],
    ['five of them are enough', error('repeat'), attempts({ failed: 5 }), 'give-up'],
    ['what must not be done twice is not repeated', error('repeat'), attempts({ repeatable: false }), 'give-up'],
    ['unless nothing was sent', error('repeat', 'unreachable'), attempts({ repeatable: false }), 'repeat'],
  ])('%s', (_what, failed, so, expected) => {
    expect(nextStep(failed, so, POLICY, 0.5).do).toBe(expected);
  });

  test('the pause is a random share of a bound that doubles and has an end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (failed, random) => {
        const step = nextStep(error('repeat'), attempts({ failed }), { ...POLICY, maxTries: 99 }, random);
        const bound = Math.min(30_000, 1_000 * 2 ** (failed - 1));
        expect(step).toEqual({ do: 'repeat', afterMs: Math.floor(random * bound) });
      }),
    );
  });
});
