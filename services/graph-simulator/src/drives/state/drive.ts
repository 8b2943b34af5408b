import { Content } from '../../tenant/content.ts';
import type { Change, Version } from '../../tenant/versions.ts';
import type { DriveState } from './event.ts';
import { ROOT, type ItemState } from './item.ts';
import { sameName } from './names.ts';

export interface ItemRecord {
  readonly key: number;
  /** Null once it is gone. */
  state: ItemState | null;
  readonly versions: Version<ItemState>[];
  /** Bytes of a file, or of all files below. */
  size: number;
  /** Keys of what is in it, by name in lower case. */
  readonly children: Map<string, number>;
  /** The same keys by name; made when a listing asks for it. */
  byName: number[] | null;
}

/** A {@link Change} and when it happened, in milliseconds; 0 for what was generated. */
export interface TimedChange extends Change {
  at: number;
}

/**
 * The items of one drive, with all their earlier states. States come in by {@link set} only, each with its number in the
 * tenant's sequence; everything else here is kept up from them.
 */
export class Drive {
  readonly number: number;
  state: DriveState;
  readonly items = new Map<number, ItemRecord>();
  /** Items that came, changed, moved or left. */
  readonly changes: TimedChange[] = [];
  /** Items whose permissions changed. */
  readonly sharingChanges: Change[] = [];
  #nextKey = ROOT;

  constructor(number: number, state: DriveState) {
    this.number = number;
    this.state = state;
  }

  /** A key that was never used in this drive. */
  newKey(): number {
    return this.#nextKey;
  }

  item(key: number): ItemState | null {
    return this.items.get(key)?.state ?? null;
  }

  /** Bytes of all files. */
  get used(): number {
    return this.items.get(ROOT)?.size ?? 0;
  }

  /** Key of what has this name in a folder, without regard to case. */
  child(folder: number, name: string): number | undefined {
    return this.items.get(folder)?.children.get(sameName(name));
  }

  /** Keys of what is in a folder, by name. */
  children(folder: number): readonly number[] {
    const record = this.items.get(folder);
    if (record === undefined) return [];
    record.byName ??= [...record.children.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, key]) => key);
    return record.byName;
  }

  /** Keys from what holds an item up to the root. */
  *ancestors(key: number): Generator<number> {
    for (let at = key; at !== ROOT;) {
      const state = this.item(at);
      if (state === null) return;
      at = state.parent;
      yield at;
    }
  }

  /** Whether `key` is `folder` or lies below it. */
  isWithin(key: number, folder: number): boolean {
    if (key === folder) return true;
    for (const ancestor of this.ancestors(key)) if (ancestor === folder) return true;
    return false;
  }

  /** Names from the root down; the root's own is no part of it. */
  path(key: number): string[] {
    const names: string[] = [];
    for (let at = key; at !== ROOT;) {
      const state = this.item(at);
      if (state === null) break;
      names.unshift(state.name);
      at = state.parent;
    }
    return names;
  }

  /** @param at milliseconds */
  set(key: number, state: ItemState | null, seq: number, at: number): void {
    let record = this.items.get(key);
    if (record === undefined) {
      record = { key, state: null, versions: [], size: 0, children: new Map(), byName: null };
      this.items.set(key, record);
    }
    const before = record.state;
    if (before !== null && key !== ROOT) this.#leave(record, before);
    record.state = state;
    record.versions.push({ since: seq, state });
    if (state !== null) {
      const size = state.content === null ? record.size : Content.size(state.content);
      record.size = size;
      if (key !== ROOT) this.#enter(record, state);
    }
    if (seq > 0) this.#note(key, before, state, seq, at);
    this.#nextKey = Math.max(this.#nextKey, key + 1);
  }

  /** What change tracking tells, and what it tells only to those who ask for sharing. */
  #note(key: number, before: ItemState | null, state: ItemState | null, seq: number, at: number): void {
    if (before !== null && state !== null && before.revision === state.revision) this.sharingChanges.push({ seq, key });
    else this.changes.push({ seq, key, at });
  }

  #enter({ key, size }: ItemRecord, { parent, name }: ItemState): void {
    const folder = this.items.get(parent);
    if (folder === undefined) throw new Error(`drive ${this.number} has no item ${parent}`);
    folder.children.set(sameName(name), key);
    folder.byName = null;
    this.#grow(parent, size);
  }

  #leave({ size }: ItemRecord, { parent, name }: ItemState): void {
    const folder = this.items.get(parent)!;
    folder.children.delete(sameName(name));
    folder.byName = null;
    this.#grow(parent, -size);
  }

  /** What a folder holds is as large as all that is below it. */
  #grow(folder: number, bytes: number): void {
    if (bytes === 0) return;
    for (let at = folder; ;) {
      const record = this.items.get(at)!;
      record.size += bytes;
      const parent = record.state?.parent ?? at;
      if (parent === at) return;
      at = parent;
    }
  }
}
