import type { StoredPoint } from './chain.ts';
import type { ContentReader } from './content-reader.ts';
import type { Entry, EntryKey, FolderEntry, ItemEntry, PartRef } from './entry.ts';
import { streamPart } from './part-stream.ts';
import type { PointRecord } from './point.ts';
import type { PointReader } from './repository.ts';
import { entriesOf, findEntry } from './tree-reader.ts';

/** Reads one point. */
export function pointReader(point: StoredPoint, content: ContentReader): PointReader {
  return new StoredPointReader(point, content);
}

class StoredPointReader implements PointReader {
  readonly record: PointRecord;
  readonly #point: StoredPoint;
  readonly #content: ContentReader;

  constructor(point: StoredPoint, content: ContentReader) {
    this.record = point.record;
    this.#point = point;
    this.#content = content;
  }

  async folders(): Promise<FolderEntry[]> {
    const folders: FolderEntry[] = [];
    for await (const entry of this.#entriesOf('')) if (entry.type === 'folder') folders.push(entry);
    return folders;
  }

  async *items(containerId: string, fromId = ''): AsyncIterable<ItemEntry> {
    for await (const entry of this.#entriesOf(containerId, fromId)) if (entry.type === 'item') yield entry;
  }

  get(key: EntryKey): Promise<Entry | null> {
    return findEntry((id) => this.#content.node(id), this.#point.root, key);
  }

  readPart(part: PartRef): Promise<Uint8Array> {
    return this.#content.part(part);
  }

  streamPart(part: PartRef, offset = 0): AsyncIterable<Uint8Array> {
    return streamPart(this.#content, part, offset);
  }

  inStorageOrder(items: ItemEntry[]): ItemEntry[] {
    return items
      .map((item) => ({ item, place: item.parts[0] === undefined ? '' : this.#content.placeOf(item.parts[0]) }))
      .sort((a, b) => (a.place < b.place ? -1 : a.place > b.place ? 1 : 0))
      .map(({ item }) => item);
  }

  #entriesOf(containerId: string, fromId = ''): AsyncGenerator<Entry> {
    return entriesOf((id) => this.#content.node(id), this.#point.root, { containerId, id: fromId });
  }
}
