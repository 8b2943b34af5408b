import type { ChunkId } from './chunk-id.ts';
import type { Entry, EntryKey } from './entry.ts';
import { compareKeys } from './entry-order.ts';
import type { Child, TreeNode } from './tree-node.ts';

/** Gives a node by its id; not to be changed. @throws Failure `corrupt`. */
export type ReadNode = (id: ChunkId) => Promise<TreeNode>;

const FIRST_KEY: EntryKey = { containerId: '', id: '' };

/** Entries from `from` on, in order. Reads only the nodes it needs. */
export async function* entriesFrom(read: ReadNode, root: ChunkId | null, from = FIRST_KEY): AsyncGenerator<Entry> {
  if (root === null) return;
  const node = await read(root);
  if ('entries' in node) {
    for (const entry of node.entries) if (compareKeys(entry, from) >= 0) yield entry;
    return;
  }
  for (const child of node.children) {
    if (compareKeys(child.lastKey, from) >= 0) yield* entriesFrom(read, child.node, from);
  }
}

/** Entries of the container of `from` whose ids are at least that of `from`, in order. */
export async function* entriesOf(read: ReadNode, root: ChunkId | null, from: EntryKey): AsyncGenerator<Entry> {
  for await (const entry of entriesFrom(read, root, from)) {
    if (entry.containerId !== from.containerId) return;
    yield entry;
  }
}

export async function findEntry(read: ReadNode, root: ChunkId | null, key: EntryKey): Promise<Entry | null> {
  for await (const entry of entriesFrom(read, root, key)) return compareKeys(entry, key) === 0 ? entry : null;
  return null;
}

/** References to all leaves, in order. A root that is a leaf is read, for its last key and counts. */
export async function* leaves(read: ReadNode, root: ChunkId | null): AsyncGenerator<Child> {
  if (root === null) return;
  const node = await read(root);
  if ('entries' in node) {
    yield leafReference(root, node.entries);
    return;
  }
  for (const child of node.children) {
    if (node.level === 1) yield child;
    else yield* leaves(read, child.node);
  }
}

/** What an inner node says of a leaf. */
export function leafReference(node: ChunkId, entries: Entry[]): Child {
  const { containerId, id } = entries[entries.length - 1]!;
  const folders = entries.filter((entry) => entry.type === 'folder').length;
  return { lastKey: { containerId, id }, node, items: entries.length - folders, folders };
}
