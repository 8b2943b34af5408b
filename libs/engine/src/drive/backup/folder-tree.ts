import type { FolderEntry } from '@backhaul/repository';

/** The drive's folders as they stand in the point that is being made. There are far fewer of them than files. */
export class FolderTree {
  readonly #entries: Map<string, FolderEntry>;

  constructor(entries: readonly FolderEntry[]) {
    this.#entries = new Map(entries.map((entry) => [entry.id, entry]));
  }

  get(id: string): FolderEntry | undefined {
    return this.#entries.get(id);
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  set(entry: FolderEntry): void {
    this.#entries.set(entry.id, entry);
  }

  delete(id: string): void {
    this.#entries.delete(id);
  }

  /** Ids of all folders. */
  get ids(): string[] {
    return [...this.#entries.keys()];
  }

  /** The root's id; undefined as long as it has not been listed. */
  get rootId(): string | undefined {
    for (const { id, parentId } of this.#entries.values()) if (parentId === '') return id;
    return undefined;
  }

  /** Folders from the top down to this one, without the root; what lies in no known folder has no path. */
  path(id: string): string[] {
    return this.#upwards(id)
      .filter(({ parentId }) => parentId !== '')
      .map(({ name }) => name)
      .reverse();
  }

  /** Ids of the folders in which this one lies, and its own. */
  lineage(id: string): string[] {
    return this.#upwards(id).map((entry) => entry.id);
  }

  /** Ids of a folder and of all folders below it. */
  withDescendants(id: string): string[] {
    const below = new Map<string, string[]>();
    for (const { id: child, parentId } of this.#entries.values()) {
      const siblings = below.get(parentId);
      if (siblings === undefined) below.set(parentId, [child]);
      else siblings.push(child);
    }
    const found = new Set([id]);
    for (const at of found) for (const child of below.get(at) ?? []) found.add(child);
    return [...found];
  }

  #upwards(id: string): FolderEntry[] {
    const passed = new Map<string, FolderEntry>();
    for (let at = this.#entries.get(id); at !== undefined && !passed.has(at.id); at = this.#entries.get(at.parentId)) {
      passed.set(at.id, at);
    }
    return [...passed.values()];
  }
}
