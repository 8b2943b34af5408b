import { Overlay } from './overlay.ts';
import type { ChunkId } from './chunk-id.ts';
import type { Entry, EntryKey } from './entry.ts';
import { viewEntries, viewEntry } from './merged-view.ts';
import type { ContainerChanges } from './tree-node.ts';
import { rewriteTree, type TreeRewrite, type TreeSummary } from './tree-writer.ts';

/** Changes are merged into a tree when they take this much memory. */
const MAX_OVERLAY_BYTES = 8 * 1024 * 1024;

/** How a working tree reads and stores its nodes. */
export interface NodeStore extends TreeRewrite {
  /** Resolves when all nodes written so far can be read back. */
  makeDurable: () => Promise<void>;
}

/** A point's tree while a session changes it: a stored tree with changes on top, merged whenever these become many. */
export class WorkingTree {
  readonly #nodes: NodeStore;
  #root: ChunkId | null;
  #overlay: Overlay;
  /** While the overlay is being merged into a tree: what changes meanwhile. */
  #changedSince: Overlay | null = null;
  #merging: Promise<TreeSummary> | null = null;
  #changeCount = 0;

  /** Begins with the tree of `root` and `changes` on top. */
  constructor(nodes: NodeStore, root: ChunkId | null, changes: ContainerChanges[]) {
    this.#nodes = nodes;
    this.#root = root;
    this.#overlay = new Overlay();
    this.#overlay.apply(changes);
  }

  /** Counts the changes made so far; tells whether there are new ones. */
  get changeCount(): number {
    return this.#changeCount;
  }

  get(key: EntryKey): Promise<Entry | null> {
    return viewEntry(this.#view(), key);
  }

  /** The entries of a container in order of their ids. */
  entries(containerId: string): AsyncGenerator<Entry> {
    return viewEntries(this.#view(), containerId);
  }

  set(entry: Entry): void {
    this.#change((overlay) => overlay.set(entry));
  }

  remove(key: EntryKey): void {
    this.#change((overlay) => overlay.remove(key));
  }

  /** Removes everything in a container. */
  clear(containerId: string): void {
    this.#change((overlay) => overlay.clear(containerId));
  }

  /** The stored tree and the changes on top of it, which belong together. */
  now(): { root: ChunkId | null; changes: ContainerChanges[] } {
    return { root: this.#root, changes: this.#overlay.changes() };
  }

  /** Merges the changes into a tree when they take too much memory; whoever changes much waits for it. */
  async mergeIfLarge(): Promise<void> {
    if (this.#overlay.bytes > MAX_OVERLAY_BYTES) await this.#merge();
  }

  /** Resolves when no merge is under way. @throws what it failed with. */
  async settled(): Promise<void> {
    while (this.#merging !== null) await this.#merging;
  }

  /** The tree with all changes; null when there are none on top of the tree of `root`, which costs nothing. */
  async mergedUnless(root: ChunkId | null): Promise<TreeSummary | null> {
    await this.settled();
    return this.#overlay.isEmpty && this.#root === root ? null : this.#merge();
  }

  #change(change: (overlay: Overlay) => void): void {
    this.#changeCount += 1;
    change(this.#overlay);
    if (this.#changedSince !== null) change(this.#changedSince);
  }

  /** One at a time. */
  #merge(): Promise<TreeSummary> {
    this.#merging ??= this.#mergeOnce().finally(() => (this.#merging = null));
    return this.#merging;
  }

  async #mergeOnce(): Promise<TreeSummary> {
    this.#changedSince = new Overlay();
    try {
      const tree = await rewriteTree(this.#nodes, this.#root, this.#overlay.changes());
      // Its nodes are read back from the store from now on.
      await this.#nodes.makeDurable();
      this.#root = tree.root;
      this.#overlay = this.#changedSince;
      return tree;
    } finally {
      this.#changedSince = null;
    }
  }

  #view() {
    return { read: this.#nodes.read, root: this.#root, overlay: this.#overlay };
  }
}
