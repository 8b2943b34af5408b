import type { Entry, EntryKey } from './entry.ts';
import { compareText } from './entry-order.ts';
import { decodeEntry, encodeEntry, type ContainerChanges } from './tree-node.ts';

/**
 * What a session changed of its base and has not merged into a tree yet. Entries are kept encoded, a fifth of the memory, and
 * as strings of one byte a character: a small buffer takes another 400 bytes for itself.
 */
export class Overlay {
  readonly #containers = new Map<string, Container>();
  #bytes = 0;

  /** About what it takes in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#containers.size === 0;
  }

  /** The entry that is there now; null when it was removed; undefined when nothing was changed. */
  get(key: EntryKey): Entry | null | undefined {
    const container = this.#containers.get(key.containerId);
    const encoded = container?.entries.get(key.id);
    if (encoded === undefined) return container?.cleared === true ? null : undefined;
    return encoded === null ? null : entryOf(encoded);
  }

  set(entry: Entry): void {
    this.#put(entry, encodeEntry(entry).toString('latin1'));
  }

  remove(key: EntryKey): void {
    this.#put(key, null);
  }

  /** Everything in the container is gone: in the base, and what was put so far. */
  clear(containerId: string): void {
    this.#container(containerId);
    this.#containers.set(containerId, { cleared: true, entries: new Map() });
  }

  /** The changes of one container. */
  changesOf(containerId: string): ContainerChanges {
    const container = this.#containers.get(containerId);
    const changes: ContainerChanges = { containerId, cleared: container?.cleared === true, entries: [], removed: [] };
    const entries = [...(container?.entries ?? [])].sort(([a], [b]) => compareText(a, b));
    for (const [id, encoded] of entries) {
      if (encoded === null) changes.removed.push(id);
      else changes.entries.push(entryOf(encoded));
    }
    return changes;
  }

  /** All changes, in order of containers. */
  changes(): ContainerChanges[] {
    return [...this.#containers.keys()].sort(compareText).map((containerId) => this.changesOf(containerId));
  }

  /** Takes in changes that were written down before. */
  apply(changes: ContainerChanges[]): void {
    for (const { containerId, cleared, entries, removed } of changes) {
      if (cleared) this.clear(containerId);
      for (const entry of entries) this.set(entry);
      for (const id of removed) this.remove({ containerId, id });
    }
  }

  #put(key: EntryKey, encoded: string | null): void {
    this.#container(key.containerId).entries.set(key.id, encoded);
    this.#bytes += key.id.length + (encoded?.length ?? 0) + OVERHEAD;
  }

  #container(containerId: string): Container {
    const there = this.#containers.get(containerId);
    if (there !== undefined) return there;
    const made: Container = { cleared: false, entries: new Map() };
    this.#containers.set(containerId, made);
    this.#bytes += containerId.length + OVERHEAD;
    return made;
  }
}

/** A map's place and the heads of two strings, roughly. */
const OVERHEAD = 100;

interface Container {
  /** What the base has is gone. */
  cleared: boolean;
  /** By id; null is removed. */
  entries: Map<string, string | null>;
}

function entryOf(encoded: string): Entry {
  return decodeEntry(Buffer.from(encoded, 'latin1'));
}
