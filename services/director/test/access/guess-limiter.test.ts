import { FakeClock } from '@backhaul/domain/testing';
import { describe, expect, test } from '@jest/globals';
import { GuessLimiter, pauseMs } from '../../src/access/guess-limiter.ts';

describe('whoever guesses', () => {
  test.each([
    [0, 0],
    [4, 0],
    [5, 1_000],
    [6, 2_000],
    [10, 32_000],
    [15, 900_000],
    [1_000, 900_000],
  ])('after %i failures waits %i ms', (failures, expected) => {
    expect(pauseMs(failures)).toBe(expected);
  });

  test('is let in again after the pause, and slowed down more by the next failure', async () => {
    const clock = new FakeClock();
    const limiter = new GuessLimiter(clock);
    for (let count = 0; count < 5; count += 1) limiter.failed('a');
    expect(() => limiter.check('a')).toThrow(expect.objectContaining({ kind: 'throttled', retryAfterMs: 1_000 }));
    expect(() => limiter.check('b')).not.toThrow();
    await clock.advance(1_000);
    expect(() => limiter.check('a')).not.toThrow();
    limiter.failed('a');
    expect(() => limiter.check('a')).toThrow(expect.objectContaining({ retryAfterMs: 2_000 }));
  });

  test('gets at most 20 guesses in ten minutes', async () => {
    const clock = new FakeClock();
    const limiter = new GuessLimiter(clock);
    let evaluated = 0;
    for (let second = 0; second < 600; second += 1) {
      for (let guess = 0; guess < 2; guess += 1) {
        try {
          limiter.check('a');
          evaluated += 1;
          limiter.failed('a');
        } catch {
          // Refused without being looked at.
        }
      }
      await clock.advance(1_000);
    }
    expect(evaluated).toBeLessThanOrEqual(20);
  });

  test('is forgiven after a valid token, and after half an hour of silence', async () => {
    const clock = new FakeClock();
    const limiter = new GuessLimiter(clock);
    for (let count = 0; count < 4; count += 1) limiter.failed('a');
    limiter.succeeded('a');
    for (let count = 0; count < 4; count += 1) limiter.failed('a');
    expect(() => limiter.check('a')).not.toThrow();
    await clock.advance(31 * 60_000);
    limiter.failed('a');
    expect(() => limiter.check('a')).not.toThrow();
  });

  test('cannot make us remember without bound', () => {
    const clock = new FakeClock();
    const limiter = new GuessLimiter(clock, 100);
    for (let count = 0; count < 6; count += 1) limiter.failed('first');
    for (let address = 0; address < 100; address += 1) limiter.failed(`address-${address}`);
    expect(() => limiter.check('first')).not.toThrow();
  });
});
