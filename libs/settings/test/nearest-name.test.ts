import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { editDistance, nearestName } from '../src/nearest-name.ts';

describe('the edit distance', () => {
  test.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['BACKHAUL_PORT', 'BACKHAUL_PROT', 2],
  ])('of %p and %p is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  test('is a metric', () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      }),
    );
  });
});

test('the nearest name is the closest one, and none when all are far', () => {
  expect(nearestName('BACKHAUL_LGO_LEVEL', ['BACKHAUL_PORT', 'BACKHAUL_LOG_LEVEL'])).toBe('BACKHAUL_LOG_LEVEL');
  expect(nearestName('SOMETHING_ELSE', ['BACKHAUL_PORT'])).toBeNull();
});
