import { describe, expect, test } from '@jest/globals';
import { firstSequenceOf, incarnationOf, judgeStore, type StoreMark } from '../src/nats/store-mark.ts';

const known: StoreMark = { incarnation: 3, created: '2026-11-25T04:00:00Z', lastSequence: firstSequenceOf(3) + 100 };

describe('the store of leases', () => {
  test.each<[what: string, verdict: string, known: StoreMark | null, found: StoreMark | null]>([
    ['is there as it was', 'same', known, known],
    ['has gone on', 'same', known, { ...known, lastSequence: known.lastSequence + 5 }],
    ['is seen for the first time', 'same', null, known],
    ['is not there at first', 'missing', null, null],
    ['is not there any more', 'missing', known, null],
    [
      'is of a later incarnation',
      'renewed',
      known,
      { ...known, incarnation: 4, created: 'later', lastSequence: firstSequenceOf(4) },
    ],
    ['has lost its last writes', 'rolled-back', known, { ...known, lastSequence: known.lastSequence - 1 }],
    ['is of an earlier incarnation', 'rolled-back', known, { ...known, incarnation: 2 }],
    [
      'was made anew without a new incarnation',
      'rolled-back',
      known,
      { ...known, created: 'later', lastSequence: known.lastSequence + 5 },
    ],
    ['was made by hand', 'rolled-back', null, { incarnation: 0, created: 'x', lastSequence: 1 }],
  ])('%s: %s', (_what, verdict, before, found) => {
    expect(judgeStore(before, found)).toBe(verdict);
  });

  test('begins each incarnation above every sequence of the one before', () => {
    expect(incarnationOf(firstSequenceOf(5))).toBe(5);
    expect(incarnationOf(firstSequenceOf(6) - 1)).toBe(5);
    expect(Number.isSafeInteger(firstSequenceOf(8191) + 2 ** 40 - 1)).toBe(true);
  });

  test.each([0, -1, 1.5, 8192, NaN])('has no incarnation %d', (incarnation) => {
    expect(() => firstSequenceOf(incarnation)).toThrow(RangeError);
  });
});
