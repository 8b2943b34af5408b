import { Failure } from '@backhaul/domain';
import type { Entry, EntryKey, PointReader } from '@backhaul/repository';

export const CHANGE_TYPES = ['new', 'changed', 'moved', 'removed'] as const;
export type ChangeType = (typeof CHANGE_TYPES)[number];

/** One folder or item that differs between two points of a chain. */
export interface Change {
  type: ChangeType;
  entry: Entry['type'];
  /** Where it is in the older point; null for what is new. */
  before: EntryKey | null;
  /** Where it is in the newer point; null for what was removed. */
  after: EntryKey | null;
}

export interface Comparison {
  /** Folders first, then items in order of folder and id. */
  changes: Change[];
}

/** More changes are not kept. */
export const MAX_CHANGES = 200_000;

/**
 * What became of the older point in the newer one. Both trees are walked in order of their keys, entry beside entry, so memory
 * grows with the changes alone. An item of the same id in another folder was moved, whatever else changed in it.
 * @throws Failure `invalid-input` (`comparison.too-many-changes`).
 */
export async function comparePoints(older: PointReader, newer: PointReader): Promise<Comparison> {
  const [foldersBefore, foldersAfter] = await Promise.all([older.folders(), newer.folders()]);
  const changes: Change[] = [];
  await merge(foldersBefore, foldersAfter, changes);
  const ids = new Set([...foldersBefore, ...foldersAfter].map(({ id }) => id));
  for (const id of [...ids].sort()) await merge(older.items(id), newer.items(id), changes);
  return { changes: withMoves(changes) };
}

async function merge(
  before: Iterable<Entry> | AsyncIterable<Entry>,
  after: Iterable<Entry> | AsyncIterable<Entry>,
  changes: Change[],
): Promise<void> {
  const [left, right] = [walk(before), walk(after)];
  let [old, current] = [await left.next(), await right.next()];
  while (old !== null || current !== null) {
    if (changes.length > MAX_CHANGES) throw tooManyChanges();
    if (current === null || (old !== null && old.id < current.id)) {
      changes.push(change('removed', old, null));
      old = await left.next();
    } else if (old === null || current.id < old.id) {
      changes.push(change('new', null, current));
      current = await right.next();
    } else {
      if (!isSame(old, current)) changes.push(change(typeOfChange(old, current), old, current));
      [old, current] = [await left.next(), await right.next()];
    }
  }
}

/** A folder in another folder was moved; what keeps its place was changed. */
function typeOfChange(old: Entry, current: Entry): ChangeType {
  return old.type === 'folder' && current.type === 'folder' && old.parentId !== current.parentId ? 'moved' : 'changed';
}

function change(type: ChangeType, old: Entry | null, current: Entry | null): Change {
  const key = (entry: Entry | null) => (entry === null ? null : { containerId: entry.containerId, id: entry.id });
  return { type, entry: (old ?? current)?.type ?? 'item', before: key(old), after: key(current) };
}

/** All that is listed is equal, and the bytes of all parts are. */
function isSame(old: Entry, current: Entry): boolean {
  return JSON.stringify(comparable(old)) === JSON.stringify(comparable(current));
}

function comparable({ parts, ...listed }: Entry): unknown[] {
  const named = Object.entries(listed).sort(([a], [b]) => (a < b ? -1 : 1));
  return [named, parts.map(({ name, sha256 }) => `${name} ${sha256}`).sort()];
}

/** Removed here and new there, under the same id, is moved; it stands where it is now. */
function withMoves(changes: readonly Change[]): Change[] {
  const removed = new Map<string, Change>();
  for (const one of changes) if (one.type === 'removed' && one.entry === 'item') removed.set(one.before?.id ?? '', one);
  const gone = new Set<Change>();
  const marked = changes.map((one): Change => {
    const from = one.type === 'new' && one.entry === 'item' ? removed.get(one.after?.id ?? '') : undefined;
    if (from === undefined || gone.has(from)) return one;
    gone.add(from);
    return { ...one, type: 'moved', before: from.before };
  });
  return marked.filter((one) => !gone.has(one));
}

function walk(entries: Iterable<Entry> | AsyncIterable<Entry>): { next(): Promise<Entry | null> } {
  const iterator: Iterator<Entry, unknown> | AsyncIterator<Entry, unknown> =
    Symbol.asyncIterator in entries ? entries[Symbol.asyncIterator]() : entries[Symbol.iterator]();
  return {
    async next() {
      const step = await iterator.next();
      return step.done === true ? null : step.value;
    },
  };
}

/** The last few comparisons: their pages are asked for one after the other, and points never change. */
export class RecentComparisons {
  readonly #kept = new Map<string, Promise<Comparison>>();
  readonly #limit: number;

  constructor(limit = 4) {
    this.#limit = limit;
  }

  /** @param key names the two points */
  get(key: string, compare: () => Promise<Comparison>): Promise<Comparison> {
    const known = this.#kept.get(key) ?? compare();
    this.#kept.delete(key);
    this.#kept.set(key, known);
    known.catch(() => this.#kept.delete(key));
    for (const oldest of [...this.#kept.keys()].slice(0, Math.max(0, this.#kept.size - this.#limit))) {
      this.#kept.delete(oldest);
    }
    return known;
  }
}

function tooManyChanges(): Failure {
  return new Failure('invalid-input', {
    code: 'comparison.too-many-changes',
    message: `The points differ in more than ${MAX_CHANGES} folders and items.`,
    hint: 'Compare points that lie closer together.',
    retry: 'never',
  });
}
