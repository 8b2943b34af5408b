import type { ChunkId } from './chunk-id.ts';
import type { Entry, EntryKey } from './entry.ts';
import { compareText } from './entry-order.ts';
import type { Overlay } from './overlay.ts';
import { entriesOf, findEntry, type ReadNode } from './tree-reader.ts';

/** A tree with changes on top, as one reads it. */
export interface MergedView {
  read: ReadNode;
  root: ChunkId | null;
  overlay: Overlay;
}

export async function viewEntry({ read, root, overlay }: MergedView, key: EntryKey): Promise<Entry | null> {
  const changed = overlay.get(key);
  return changed === undefined ? findEntry(read, root, key) : changed;
}

/** The entries of a container in order of their ids. What is changed meanwhile may or may not be seen. */
export async function* viewEntries({ read, root, overlay }: MergedView, containerId: string): AsyncGenerator<Entry> {
  const { cleared, entries: changed, removed } = overlay.changesOf(containerId);
  const gone = new Set(removed);
  let next = 0;
  if (!cleared) {
    for await (const entry of entriesOf(read, root, { containerId, id: '' })) {
      while (next < changed.length && compareText(changed[next]!.id, entry.id) < 0) yield changed[next++]!;
      if (changed[next]?.id === entry.id) yield changed[next++]!;
      else if (!gone.has(entry.id)) yield entry;
    }
  }
  while (next < changed.length) yield changed[next++]!;
}
