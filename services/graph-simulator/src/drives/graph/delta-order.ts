import { changedKeys } from '../../tenant/versions.ts';
import type { Drive } from '../state/drive.ts';
import { itemAt } from '../state/drives.ts';
import { byDepth } from '../state/everything-at.ts';
import { ROOT, type ItemState } from '../state/item.ts';

/*
 * Which items change tracking tells, and in which order. Both follow from marks alone, so the pages of a walk fit together
 * whatever happens between them.
 */

/** What a round of changes covers. */
export interface Round {
  /** Numbers of the sequence: changes in `(since, upTo]`. */
  since: number;
  upTo: number;
  /** Items whose service date is not before this time count too; ISO 8601. */
  from: string | null;
  /** Changes of permissions count too. */
  sharing: boolean;
  /** What holds a changed item is told too. */
  ancestors: boolean;
  /** Of a deleted folder all that lay below it is told too. */
  descendants: boolean;
}

/** What changed in a round: first what is there at its end, what holds an item before it, then what is gone. */
export function changedIn(drive: Drive, { since, upTo, from, sharing, ancestors, descendants }: Round): number[] {
  const changed = new Set(changedKeys(drive.changes, since, upTo));
  if (sharing) for (const key of changedKeys(drive.sharingChanges, since, upTo)) changed.add(key);
  const at = (key: number): ItemState | null => itemAt(drive, key, upTo);
  if (from !== null) {
    for (const key of drive.items.keys()) if ((at(key)?.modifiedAt ?? '') >= from) changed.add(key);
  }
  const present = new Set([...changed].filter((key) => at(key) !== null));
  const isToldGone = (key: number): boolean => descendants || at(lastState(drive, key)?.parent ?? ROOT) !== null;
  const gone = [...changed].filter((key) => at(key) === null && isToldGone(key));
  if (ancestors && changed.size > 0) {
    present.add(ROOT);
    for (const key of changed) for (const holder of holders(drive, key, at)) present.add(holder);
  }
  return [...byDepth(drive, upTo, [...present]), ...gone];
}

/** Changes after this time, in milliseconds, have greater numbers than what is returned. */
export function sequenceAt(drive: Drive, time: number): number {
  let seq = 0;
  for (const change of drive.changes) if (change.at < time) seq = change.seq;
  return seq;
}

/** What holds an item, or held it last, as far as it is there. */
function* holders(drive: Drive, key: number, at: (key: number) => ItemState | null): Generator<number> {
  let state = at(key) ?? lastState(drive, key);
  while (state !== null) {
    const { parent } = state;
    state = at(parent);
    if (state === null) return;
    yield parent;
    if (parent === ROOT) return;
  }
}

/** The last state of something that is gone. */
export function lastState(drive: Drive, key: number): ItemState | null {
  return drive.items.get(key)!.versions.findLast(({ state }) => state !== null)?.state ?? null;
}
