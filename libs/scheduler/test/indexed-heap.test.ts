import { expect, test } from '@jest/globals';
import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { IndexedHeap } from '../src/indexed-heap.ts';

const SEED = Number(process.env['BACKHAUL_SEED'] ?? randomInt(2 ** 31));

interface Entry {
  value: number;
}

const smallestFirst = () => new IndexedHeap<Entry>((one, other) => one.value < other.value);

test('entries come out smallest first, whatever was removed from the middle before', () => {
  console.log(`BACKHAUL_SEED=${SEED}`);
  const entryValues = fc.array(fc.nat(1000), { maxLength: 60, size: 'max' });
  const picks = fc.array(fc.nat(1000), { maxLength: 20, size: 'max' });
  fc.assert(
    fc.property(entryValues, picks, entryValues, (values, removals, moreValues) => {
      const heap = smallestFirst();
      const entries: Entry[] = [];
      const add = (value: number) => {
        const entry = { value };
        entries.push(entry);
        heap.add(entry);
      };
      values.forEach(add);
      for (const pick of removals.slice(0, entries.length)) {
        const [entry] = entries.splice(pick % entries.length, 1);
        if (entry === undefined || !heap.remove(entry) || heap.remove(entry)) return false;
      }
      moreValues.forEach(add);
      const out: number[] = [];
      for (let first = heap.first; first !== undefined; first = heap.first) {
        out.push(first.value);
        heap.remove(first);
      }
      const expected = entries.map(({ value }) => value).sort((one, other) => one - other);
      return heap.size === 0 && JSON.stringify(out) === JSON.stringify(expected);
    }),
    { numRuns: 1000, seed: SEED },
  );
});

test('an entry is in it once, however often it is added', () => {
  const heap = smallestFirst();
  const entry = { value: 1 };
  heap.add(entry);
  heap.add(entry);
  expect(heap.size).toBe(1);
  expect(heap.remove(entry)).toBe(true);
  expect(heap.first).toBeUndefined();
});
