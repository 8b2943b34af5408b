import { describe, expect, test } from '@jest/globals';
import { retryAfterMs } from '../src/retry-after.ts';

const NOW = new Date('2026-01-01T00:00:00Z');

describe('Retry-After', () => {
  test.each([
    ['a number of seconds', { 'retry-after': '12' }, 12_000],
    ['a fraction', { 'retry-after': '1.5' }, 1_500],
    ['zero, which is never meant', { 'retry-after': '0' }, 1_000],
    ['a negative number', { 'retry-after': '-5' }, 1_000],
    ['a date', { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, 30_000],
    [
      'a date by a clock that differs from ours',
      { 'retry-after': 'Thu, 01 Jan 2026 01:00:30 GMT', date: 'Thu, 01 Jan 2026 01:00:00 GMT' },
      30_000,
    ],
    ['a date in the past', { 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, 1_000],
    ['nothing', {}, null],
    ['an empty value', { 'retry-after': ' ' }, null],
    ['nonsense', { 'retry-after': 'soon' }, null],
  ])('as %s', (_what, headers, expected) => {
    expect(retryAfterMs(headers, NOW)).toBe(expected);
  });
});
