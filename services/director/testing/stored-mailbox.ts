import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Secret, type ItemKind } from '@backhaul/domain';
import { openDiskStore } from '@backhaul/blob-store';
import {
  openRepository,
  unlockRepository,
  type EntryKey,
  type FolderListing,
  type ItemListing,
  type PartToStore,
  type PointRecord,
  type Repository,
} from '@backhaul/repository';
import { rows } from '../src/database/statement.ts';
import { formatPointId } from '../src/points/point-id.ts';
import type { ApiUnderTest, Inventory } from './running-api.ts';

const PASSWORD = 'a good password';

/** A message as these tests know it. */
export interface StoredMessage {
  id: string;
  folderId: 'inbox' | 'projects';
  subject: string;
}

/** An item with its parts, as a backup puts it in. */
export interface ItemToStore {
  listing: ItemListing;
  parts: PartToStore[];
}

/** 25 messages in the inbox and one with odd names in a folder below it. */
export const MESSAGES: readonly StoredMessage[] = [
  ...Array.from({ length: 25 }, (_, index) => ({
    id: `AAMk${String(index).padStart(3, '0')}=`,
    folderId: 'inbox' as const,
    subject: `Message ${index}`,
  })),
  { id: 'AAMk-odd/="+', folderId: 'projects', subject: '../"evil"\r\nX-Header: 1' },
];

/** The first mailbox of an inventory in a repository on disk, backed up as a Transporter does it. */
export class StoredMailbox {
  readonly repositoryId: string;
  readonly folder: string;
  readonly jobId = randomUUID();
  readonly #api: ApiUnderTest;
  readonly #inventory: Inventory;
  readonly #repository: Repository;
  /** Fences only grow: each backup of the chain is a later grant. */
  #fence = 0;

  private constructor(
    api: ApiUnderTest,
    inventory: Inventory,
    repository: Repository,
    place: { id: string; folder: string },
  ) {
    this.#api = api;
    this.#inventory = inventory;
    this.#repository = repository;
    this.repositoryId = place.id;
    this.folder = place.folder;
  }

  /** Makes the repository through the API; there is no point in it yet. */
  static async create(api: ApiUnderTest, inventory: Inventory): Promise<StoredMailbox> {
    const folder = join(api.repositoryRoot, 'main');
    const body = { name: 'main', type: 'disk', folder, password: PASSWORD };
    const created = await api.call('POST', '/repositories', { body });
    const store = await openDiskStore(folder);
    const keys = await unlockRepository(store, new Secret(PASSWORD));
    const cacheFolder = join(folder, '..', 'cache');
    const repository = await openRepository(store, { keys, cacheFolder, workers: 1, toolVersion: 'test' });
    return new StoredMailbox(api, inventory, repository, { id: created.body.id as string, folder });
  }

  /** A point of the mailbox that holds these messages, and its row as the Director would remember it; its id. */
  backUp(messages: readonly StoredMessage[]): Promise<string> {
    const place = { containerId: '' as const, type: 'folder' as const, kind: 'mail' as const, hidden: false };
    return this.store(
      [
        { ...place, id: 'inbox', parentId: '', name: 'Inbox', wellKnownName: 'inbox' },
        { ...place, id: 'projects', parentId: 'inbox', name: 'Projects / 2026', wellKnownName: null },
      ],
      messages.map((message) => ({
        listing: itemOf(message),
        parts: [
          { name: 'properties', format: 'bytes', content: propertiesOf(message) },
          { name: 'mime', format: 'mime', content: mimeOf(message.subject) },
        ],
      })),
    );
  }

  /** A point that holds these folders and items besides what the point before it held, and its row; its id. */
  async store(folders: readonly FolderListing[], items: readonly ItemToStore[], removed: readonly EntryKey[] = []) {
    const writer = await this.#repository.openWriter();
    const session = await writer.beginObject(this.#nextTask());
    if ('committed' in session) throw new Error('A new task is not committed.');
    for (const folder of folders) await session.putFolder(folder, []);
    for (const { listing, parts } of items) await session.putItem(listing, parts);
    for (const key of removed) session.remove(key);
    const kinds = [...new Set(folders.map(({ kind }) => kind))];
    const committed = await session.commit(draftOf(kinds), () => undefined);
    if (committed.type !== 'committed') throw new Error(committed.type);
    await writer.close();
    return this.#remember(committed.point);
  }

  async close(): Promise<void> {
    await this.#repository.close();
  }

  #nextTask() {
    const [objectId = ''] = this.#inventory.mailboxes;
    const { tenantId } = this.#inventory;
    this.#fence += 1;
    return {
      chain: { jobId: this.jobId, objectId },
      object: { id: objectId, tenantId, kind: 'mailbox' as const, externalId: 'x', displayName: 'Ada', address: '' },
      jobName: 'job',
      tenantName: 'tenant',
      taskId: randomUUID(),
      runId: randomUUID(),
      fence: this.#fence,
    };
  }

  async #remember(point: PointRecord): Promise<string> {
    await rows(
      this.#api.database,
      `insert into points (repository_id, job_id, object_id, sequence, task_id, fence, status, kinds, created_at,
                           item_count, bytes_total, bytes_new)
       values ($1, $2, $3, $4, $5, $6, 'complete', $9, $7, $8, 1, 1)`,
      [
        this.repositoryId,
        point.jobId,
        point.objectId,
        point.sequence,
        point.taskId,
        this.#fence,
        point.committedAt,
        point.itemCount,
        point.kinds,
      ],
    );
    return formatPointId(point);
  }
}

const draftOf = (kinds: ItemKind[]) => ({
  status: 'complete' as const,
  kinds,
  containers: [],
  skipped: [],
  startedAt: new Date().toISOString(),
  bytesTotal: 1,
});

function itemOf({ id, folderId, subject }: StoredMessage) {
  return {
    type: 'item' as const,
    kind: 'message' as const,
    containerId: folderId,
    id,
    changeKey: 'c',
    subject,
    from: 'Ada',
    receivedAt: '2026-01-02T03:04:05.000Z',
    isRead: true,
    hasAttachments: true,
  };
}

function propertiesOf({ id, folderId, subject }: StoredMessage): Buffer {
  const receivedDateTime = '2026-01-02T03:04:05Z';
  return Buffer.from(JSON.stringify({ id, changeKey: 'c', parentFolderId: folderId, subject, receivedDateTime }));
}

/** MIME with a script in its body and one attachment, as it is stored for a message of this subject. */
export function mimeOf(subject: string): Buffer {
  return Buffer.from(
    [
      'From: Ada <ada@contoso.test>',
      `Subject: ${subject.replace(/\s+/g, ' ')}`,
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary="b"',
      '',
      '--b',
      'Content-Type: text/html; charset=utf-8',
      '',
      '<script>alert(1)</script><p>Hello</p>',
      '--b',
      'Content-Type: application/pdf; name="plan.pdf"',
      'Content-Disposition: attachment; filename="plan.pdf"',
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from('%PDF plan').toString('base64'),
      '--b--',
      '',
    ].join('\r\n'),
  );
}
