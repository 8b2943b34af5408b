import type { EntryKey } from './entry.ts';

/** Order of entries: by container, then id, as UTF-16 code units (FORMAT.md 9). */
export function compareKeys(a: EntryKey, b: EntryKey): number {
  return compareText(a.containerId, b.containerId) || compareText(a.id, b.id);
}

/** Order of two texts by UTF-16 code units, as JavaScript's own comparison. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
