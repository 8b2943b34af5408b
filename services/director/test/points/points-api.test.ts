import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from '@backhaul/domain';
import { openDiskStore } from '@backhaul/blob-store';
import { openRepository, unlockRepository, type PointRecord } from '@backhaul/repository';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rows } from '../../src/database/statement.ts';
import { formatPointId } from '../../src/points/point-id.ts';
import { seedInventory, startApiUnderTest, type ApiUnderTest, type Inventory } from '../../testing/running-api.ts';
import { startTestPostgres, type TestPostgres } from '../../testing/test-database.ts';

let postgres: TestPostgres;
let api: ApiUnderTest;
let inventory: Inventory;
let repositoryId: string;
let folder: string;
let pointId: string;
const jobId = randomUUID();

beforeAll(async () => {
  postgres = await startTestPostgres();
  api = await startApiUnderTest(await postgres.fresh());
  inventory = await seedInventory(api.database, api.secrets);
  folder = join(api.repositoryRoot, 'main');
  const body = { name: 'main', type: 'disk', folder, password: 'a good password' };
  repositoryId = (await api.call('POST', '/repositories', { body })).body.id;
  pointId = await backUp(MESSAGES);
}, 60_000);
afterAll(async () => {
  await api.close();
  await postgres.stop();
});

const mime = (subject: string) =>
  Buffer.from(
    [
      'From: Ada <ada@contoso.test>',
      `Subject: ${subject}`,
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

interface Stored {
  id: string;
  folderId: string;
  subject: string;
}
const MESSAGES: Stored[] = [
  ...Array.from({ length: 25 }, (_, index) => ({
    id: `AAMk${String(index).padStart(3, '0')}=`,
    folderId: 'inbox',
    subject: `Message ${index}`,
  })),
  { id: 'AAMk-odd/="+', folderId: 'projects', subject: '../"evil"\r\nX-Header: 1' },
];

/** Fences only grow: each backup of the chain is a later grant. */
let fence = 0;

/** A point of the first mailbox as a Transporter makes it, and its row as the Director would remember it. */
async function backUp(messages: Stored[]): Promise<string> {
  const store = await openDiskStore(folder);
  const keys = await unlockRepository(store, new Secret('a good password'));
  const repository = await openRepository(store, {
    keys,
    cacheFolder: join(folder, '..', 'cache'),
    workers: 1,
    toolVersion: 'test',
  });
  const writer = await repository.openWriter();
  const [objectId = ''] = inventory.mailboxes;
  const object = {
    id: objectId,
    tenantId: inventory.tenantId,
    kind: 'mailbox' as const,
    externalId: 'x',
    displayName: 'Ada',
    address: '',
  };
  const task = {
    chain: { jobId, objectId },
    object,
    jobName: 'job',
    tenantName: 'tenant',
    taskId: randomUUID(),
    runId: randomUUID(),
    fence: (fence += 1),
  };
  const session = await writer.beginObject(task);
  if ('committed' in session) throw new Error('A new task is not committed.');
  const place = { containerId: '' as const, type: 'folder' as const, hidden: false };
  session.putEntry({ ...place, id: 'inbox', parentId: '', name: 'Inbox', wellKnownName: 'inbox' });
  session.putEntry({ ...place, id: 'projects', parentId: 'inbox', name: 'Projects / 2026', wellKnownName: null });
  for (const { id, folderId, subject } of messages) {
    const properties = {
      id,
      changeKey: 'c',
      parentFolderId: folderId,
      subject,
      receivedDateTime: '2026-01-02T03:04:05Z',
    };
    await session.putItem(
      {
        type: 'item',
        kind: 'message',
        containerId: folderId,
        id,
        changeKey: 'c',
        subject,
        from: 'Ada',
        receivedAt: '2026-01-02T03:04:05.000Z',
        isRead: true,
        hasAttachments: true,
      },
      [
        { name: 'properties', format: 'bytes', content: Buffer.from(JSON.stringify(properties)) },
        { name: 'mime', format: 'mime', content: mime(subject.replace(/\s+/g, ' ')) },
      ],
    );
  }
  const draft = {
    status: 'complete' as const,
    kinds: ['mail' as const],
    containers: [],
    skipped: [],
    startedAt: new Date().toISOString(),
    bytesTotal: 1,
  };
  const committed = await session.commit(draft, () => undefined);
  if (committed.type !== 'committed') throw new Error(committed.type);
  await writer.close();
  await repository.close();
  return remember(committed.point);
}

async function remember(point: PointRecord): Promise<string> {
  await rows(
    api.database,
    `insert into points (repository_id, job_id, object_id, sequence, task_id, fence, status, kinds, created_at, item_count, bytes_total, bytes_new)
     values ($1, $2, $3, $4, $5, $8, 'complete', '{mail}', $6, $7, 1, 1)`,
    [repositoryId, point.jobId, point.objectId, point.sequence, point.taskId, point.committedAt, point.itemCount, fence],
  );
  return formatPointId(point);
}

const itemPath = (id: string) => `/points/${pointId}/items/${encodeURIComponent(id)}`;

describe('a recovery point', () => {
  test('stands in the list of its object', async () => {
    const { body } = await api.call('GET', `/objects/${inventory.mailboxes[0]}/points`, { as: 'viewer' });
    expect(body.items).toEqual([
      expect.objectContaining({ id: pointId, sequence: 1, status: 'complete', kinds: ['mail'], itemCount: 26 }),
    ]);
    expect((await api.call('GET', `/points/${pointId}`)).body).toEqual(body.items[0]);
    expect((await api.call('GET', `/repositories/${repositoryId}/stats`)).body).toMatchObject({
      points: 1,
      objects: 1,
    });
  });

  test('shows its folders with their paths', async () => {
    const { body } = await api.call('GET', `/points/${pointId}/folders`);
    expect(body.items.map((entry: { path: string[] }) => entry.path)).toEqual([
      ['Inbox'],
      ['Inbox', 'Projects / 2026'],
    ]);
  });

  test('shows the items of a folder page by page, each once', async () => {
    const walked: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { body } = await api.call('GET', `/points/${pointId}/items?folder=inbox&limit=10${query}`);
      walked.push(...body.items.map((item: { id: string }) => item.id));
      cursor = body.nextCursor;
    } while (cursor !== null);
    expect(walked).toEqual(MESSAGES.filter(({ folderId }) => folderId === 'inbox').map(({ id }) => id));
  });

  test('shows one item with what a preview needs', async () => {
    const { body } = await api.call('GET', itemPath('AAMk003='));
    expect(body).toMatchObject({ id: 'AAMk003=', folderId: 'inbox', folderPath: ['Inbox'], unreadBecause: null });
    expect(body.message.body).toEqual({ type: 'html', text: '<script>alert(1)</script><p>Hello</p>' });
    expect(body.message.attachments).toEqual([
      expect.objectContaining({
        kind: 'file',
        name: 'plan.pdf',
        sha256: createHash('sha256').update('%PDF plan').digest('hex'),
      }),
    ]);
  });

  test('gives an item as it was delivered, as a download that no browser shows', async () => {
    const response = await fetch(`${api.url}/api/v1${itemPath('AAMk-odd/="+')}/content`, {
      headers: { authorization: `Bearer ${api.tokens.operator}` },
    });
    expect(Buffer.from(await response.arrayBuffer())).toEqual(mime('../"evil" X-Header: 1'));
    expect(response.headers.get('content-type')).toBe('message/rfc822');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="__evil_.*\.eml"/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('x-header')).toBeNull();
  });

  test('shows no content to viewers', async () => {
    for (const path of ['/folders', '/items?folder=inbox', '/items/AAMk003%3D', '/items/AAMk003%3D/content']) {
      expect((await api.call('GET', `/points/${pointId}${path}`, { as: 'viewer' })).status).toBe(403);
    }
  });

  test.each([
    ['/items?folder=nowhere', 404, 'folder.not-found'],
    ['/items', 422, 'request.invalid'],
    ['/items/nothing', 404, 'item.not-found'],
    ['/items/AAMk003%3D?folder=projects', 404, 'item.not-found'],
    ['/items/nothing/content', 404, 'item.not-found'],
  ])('answers %s with %i', async (path, status, code) => {
    const answered = await api.call('GET', `/points/${pointId}${path}`);
    expect([answered.status, answered.body.code]).toEqual([status, code]);
  });

  test.each(['x', 'a.b.c', `${jobId}.${jobId}.0`, `${jobId}.${jobId}.1`, `${jobId}.${jobId}.99999999999`])(
    'of the id %s is not found',
    async (id) => {
      expect((await api.call('GET', `/points/${id}`)).status).toBe(404);
    },
  );
});

describe('a restore', () => {
  const restore = (changes: object = {}, options: object = {}) =>
    api.call('POST', '/restores', { body: { pointId, ...changes }, ...options });
  const runs = async () => (await rows(api.database, 'select id from runs')).length;

  test('goes to the original mailbox by default', async () => {
    const { status, body } = await restore({}, { as: 'operator' });
    expect(status).toBe(202);
    expect(body.options).toMatchObject({
      type: 'restore',
      repositoryId,
      targets: [
        {
          objectId: inventory.mailboxes[0],
          pointId,
          selection: { type: 'all' },
          placement: { type: 'original' },
          collision: 'skip',
        },
      ],
    });
    expect((await api.call('GET', `/runs?kind=restore`)).body.items.map((run: { id: string }) => run.id)).toEqual([
      body.id,
    ]);
  });

  test('of chosen items goes where it is told', async () => {
    const wish = {
      targetObjectId: inventory.mailboxes[1],
      selection: { type: 'items', items: [{ folderId: 'inbox', itemId: 'AAMk003=' }] },
      placement: { type: 'new-folder', name: 'Restored' },
      collision: 'keep-both',
    };
    const { targetObjectId, ...rest } = wish;
    expect((await restore(wish)).body.options.targets[0]).toMatchObject({ ...rest, objectId: targetObjectId });
  });

  test.each([
    [{ selection: { type: 'folders', folderIds: ['inbox', 'nowhere'] } }, '/selection/folderIds/1'],
    [{ selection: { type: 'items', items: [{ folderId: 'projects', itemId: 'AAMk003=' }] } }, '/selection/items/0'],
    [{ selection: { type: 'items', items: [] } }, '/selection/items'],
    [{ targetObjectId: randomUUID() }, '/targetObjectId'],
    [{ collision: 'overwrite' }, '/collision'],
    [{ placement: { type: 'new-folder', name: '' } }, '/placement/name'],
    [{ placement: { type: 'new-folder', name: 'a\nb' } }, '/placement/name'],
    [{ pointId: 'x' }, '/pointId'],
  ])('with %j is refused at %s, and nothing starts', async (wrong, pointer) => {
    const before = await runs();
    const { status, body } = await restore(wrong);
    expect([status, body.errors.map((error: { pointer: string }) => error.pointer)]).toEqual([422, [pointer]]);
    expect(await runs()).toBe(before);
  });

  test('into something that is no mailbox is refused', async () => {
    expect((await restore({ targetObjectId: inventory.team })).body.errors[0].code).toBe('object-not-selectable');
  });

  test('from a point that is not there is not found', async () => {
    expect((await restore({ pointId: `${jobId}.${inventory.mailboxes[0]}.7` })).body.code).toBe('point.not-found');
  });

  test('without the right to write is refused before it starts', async () => {
    const preflight = { roles: ['Mail.Read'], missing: [], excess: [], checkedAt: new Date().toISOString() };
    await rows(api.database, 'update tenants set preflight = $2 where id = $1', [inventory.tenantId, preflight]);
    const before = await runs();
    const { status, body } = await restore();
    expect([status, body.code, body.where.permission]).toEqual([422, 'restore.permission-missing', 'Mail.ReadWrite']);
    expect(await runs()).toBe(before);
  });
});

test('damage in the repository is said, and nothing wrong is shown', async () => {
  // A point of which the Director has not read anything yet.
  const fresh = await backUp([{ id: 'new', folderId: 'inbox', subject: 'Written later' }]);
  expect((await api.call('GET', `/points/${fresh}/items?folder=inbox`)).body.items).toHaveLength(26);
  const packs = readdirSync(join(folder, 'data'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  expect(packs.length).toBeGreaterThan(0);
  for (const pack of packs) {
    const path = join(pack.parentPath, pack.name);
    const bytes = readFileSync(path);
    for (let at = 50; at < bytes.length; at += 50) bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    chmodSync(path, 0o600);
    writeFileSync(path, bytes);
  }
  const answered = await api.call('GET', `/points/${fresh}/items/new/content`);
  expect([answered.status, answered.body.title]).toEqual([500, 'Stored data is damaged']);
});
