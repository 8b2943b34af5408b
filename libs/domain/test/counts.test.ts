import { expect, test } from '@jest/globals';
import { noCounts } from '../src/index.ts';

test('counts begin at zero, and each is a new one', () => {
  const counts = noCounts();
  expect(new Set(Object.values(counts))).toEqual(new Set([0]));
  counts.itemsNew += 1;
  expect(noCounts().itemsNew).toBe(0);
});
