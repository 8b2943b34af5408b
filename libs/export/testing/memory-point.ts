import { createHash } from 'node:crypto';
import { Failure, type ItemKind } from '@backhaul/domain';
import type {
  Entry,
  FolderEntry,
  ItemEntry,
  ItemListing,
  PartRef,
  PointReader,
  PointRecord,
} from '@backhaul/repository';

/** What a part of an item is: its bytes, a stream made anew for each read, or the failure that reading it ends with. */
export type PartBytes = Uint8Array | (() => AsyncIterable<Uint8Array>) | Failure;

export interface MemoryItem {
  listing: ItemListing;
  parts: Record<string, PartBytes>;
}

/** A recovery point in memory that counts what is read of it. */
export class MemoryPoint implements PointReader {
  readonly record: PointRecord = RECORD;
  /** Names of parts that were read, in order. */
  readonly reads: string[] = [];
  readonly #folders: FolderEntry[];
  readonly #items: ItemEntry[];
  readonly #bytes = new Map<unknown, PartBytes>();

  constructor(folders: FolderEntry[], items: MemoryItem[]) {
    this.#folders = folders;
    this.#items = items
      .map(({ listing, parts }) => this.#store(listing, parts))
      .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  }

  folders(): Promise<FolderEntry[]> {
    return Promise.resolve(this.#folders);
  }

  async *items(containerId: string, fromId = ''): AsyncIterable<ItemEntry> {
    for (const item of this.#items) if (item.containerId === containerId && item.id >= fromId) yield item;
  }

  async get({ containerId, id }: { containerId: string; id: string }): Promise<Entry | null> {
    if (containerId === '') return this.#folders.find((folder) => folder.id === id) ?? null;
    return this.#items.find((item) => item.containerId === containerId && item.id === id) ?? null;
  }

  async readPart(part: PartRef): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.streamPart(part)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  async *streamPart(part: PartRef, offset = 0): AsyncIterable<Uint8Array> {
    this.reads.push(part.name);
    const bytes = this.#bytes.get(part.recipe);
    if (bytes === undefined) throw new Error('A part of another point.');
    if (bytes instanceof Failure) throw bytes;
    if (bytes instanceof Uint8Array) yield bytes.subarray(offset);
    else yield* bytes();
  }

  /** The other way round, so that nobody relies on the order of ids. */
  inStorageOrder(items: ItemEntry[]): ItemEntry[] {
    return [...items].reverse();
  }

  #store(listing: ItemListing, parts: Record<string, PartBytes>): ItemEntry {
    const refs = Object.entries(parts).map(([name, bytes]): PartRef => {
      const recipe = Symbol(name);
      this.#bytes.set(recipe, bytes);
      const isKnown = bytes instanceof Uint8Array;
      // What is made anew for each read is stated to be large, so that it is streamed.
      const length = isKnown ? bytes.length : bytes instanceof Failure ? 100 : 2 ** 31;
      const sha256 = isKnown ? createHash('sha256').update(bytes).digest('hex') : '0'.repeat(64);
      return { name, length, sha256, recipe };
    });
    return { ...listing, parts: refs, size: refs.reduce((sum, { length }) => sum + length, 0) };
  }
}

export function aFolder(kind: ItemKind, id: string, name = id, parentId = ''): FolderEntry {
  return { type: 'folder', containerId: '', id, kind, parentId, name, wellKnownName: null, hidden: false, parts: [] };
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value));

export function aMessage(
  id: string,
  changes: { folder?: string; subject?: string; mime?: PartBytes; parts?: Record<string, PartBytes> } = {},
): MemoryItem {
  const {
    folder = 'inbox',
    subject = `Subject ${id}`,
    mime = Buffer.from(`Subject: ${id}\r\n\r\nHello\r\n`),
  } = changes;
  return {
    listing: {
      type: 'item',
      kind: 'message',
      containerId: folder,
      id,
      changeKey: 'c',
      subject,
      from: 'Ada <ada@example.com>',
      receivedAt: '2026-01-02T03:04:05.000Z',
      isRead: true,
      hasAttachments: false,
    },
    parts: changes.parts ?? {
      properties: json({
        id,
        changeKey: 'c',
        parentFolderId: folder,
        subject,
        from: { emailAddress: { address: 'ada@example.com' } },
      }),
      mime,
    },
  };
}

export function aContact(id: string, name: string, photo?: Uint8Array): MemoryItem {
  return {
    listing: {
      type: 'item',
      kind: 'contact',
      containerId: 'contacts',
      id,
      changeKey: 'c',
      name,
      address: '',
      company: '',
    },
    parts: {
      properties: json({ id, changeKey: 'c', parentFolderId: 'contacts', displayName: name }),
      ...(photo === undefined ? {} : { photo }),
    },
  };
}

export function anEvent(id: string, subject: string, more: Record<string, PartBytes> = {}): MemoryItem {
  const zoned = (dateTime: string) => ({ dateTime, timeZone: 'Pacific Standard Time' });
  return {
    listing: {
      type: 'item',
      kind: 'event',
      containerId: 'calendar',
      id,
      changeKey: 'c',
      subject,
      organizer: '',
      startsAt: '2026-03-04T18:00:00.000Z',
      endsAt: '2026-03-04T19:00:00.000Z',
      isSeries: false,
      hasAttachments: false,
    },
    parts: {
      properties: json({
        id,
        changeKey: 'c',
        subject,
        iCalUId: id,
        start: zoned('2026-03-04T10:00:00'),
        end: zoned('2026-03-04T11:00:00'),
      }),
      ...more,
    },
  };
}

export function aFile(
  id: string,
  name: string,
  content: PartBytes,
  changes: { folder?: string; parts?: Record<string, PartBytes> } = {},
): MemoryItem {
  return {
    listing: {
      type: 'item',
      kind: 'file',
      containerId: changes.folder ?? 'root',
      id,
      changeKey: 'c',
      name,
      createdAt: '2025-01-01T00:00:00.000Z',
      modifiedAt: '2025-06-07T08:09:10.000Z',
      contentHash: '',
    },
    parts: { properties: json({ id, name }), content, ...changes.parts },
  };
}

const RECORD: PointRecord = {
  jobId: 'job-1',
  objectId: 'object-1',
  sequence: 3,
  base: 2,
  taskId: 'task-1',
  runId: 'run-1',
  fence: 1,
  object: {
    id: 'object-1',
    tenantId: 'tenant-1',
    kind: 'mailbox',
    externalId: 'x',
    displayName: 'Ada',
    address: 'ada@example.com',
  },
  jobName: 'Nightly',
  tenantName: 'Contoso',
  committedAt: '2026-02-03T04:05:06.000Z',
  toolVersion: 'test',
  itemCount: 0,
  folderCount: 0,
  bytesNew: 0,
  status: 'complete',
  kinds: ['mail'],
  containers: [],
  skipped: [],
  startedAt: '2026-02-03T04:00:00.000Z',
  bytesTotal: 0,
};
