import type { Drive } from './drive.ts';
import { itemAt } from './drives.ts';
import { ROOT } from './item.ts';

/** Everything that was there at a mark; what holds an item comes before it. */
export function everythingAt(drive: Drive, mark: number): number[] {
  return byDepth(
    drive,
    mark,
    [...drive.items.keys()].filter((key) => itemAt(drive, key, mark) !== null),
  );
}

/** Sorts keys of what was there at a mark, so that what holds an item comes before it. */
export function byDepth(drive: Drive, mark: number, keys: number[]): number[] {
  const known = new Map<number, number>([[ROOT, 0]]);
  const depth = (key: number): number => {
    let found = known.get(key);
    if (found === undefined) {
      const state = itemAt(drive, key, mark);
      found = state === null ? 0 : depth(state.parent) + 1;
      known.set(key, found);
    }
    return found;
  };
  return keys.sort((a, b) => depth(a) - depth(b) || a - b);
}
