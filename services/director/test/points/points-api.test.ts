import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { apiForTests, inventoryForTests } from '../../testing/fixtures/api.ts';
import { mailboxForTests } from '../../testing/fixtures/mailbox.ts';
import { MESSAGES, mimeOf } from '../../testing/stored-mailbox.ts';

const api = apiForTests();
const inventory = inventoryForTests(api);
const mailbox = mailboxForTests(api, inventory);
let pointId: string;
beforeAll(async () => {
  pointId = await mailbox.backUp(MESSAGES);
}, 60_000);

const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const itemPath = (id: string) => `/points/${pointId}/items/${encodeURIComponent(id)}`;

describe('a recovery point', () => {
  test('stands in the list of its object', async () => {
    const { body } = await api.call('GET', `/objects/${inventory.mailboxes[0]}/points`, { as: 'viewer' });
    expect(body.items).toEqual([
      expect.objectContaining({ id: pointId, sequence: 1, status: 'complete', kinds: ['mail'], itemCount: 26 }),
    ]);
    expect((await api.call('GET', `/points/${pointId}`)).body).toEqual(body.items[0]);
    expect((await api.call('GET', `/repositories/${mailbox.repositoryId}/stats`)).body).toMatchObject({
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
    expect(body.message.body).toEqual({
      type: 'html',
      text: 'Hello',
      html: '<p>Hello</p>',
      blockedImages: 0,
      isCut: false,
    });
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
    expect(Buffer.from(await response.arrayBuffer())).toEqual(mimeOf('../"evil" X-Header: 1'));
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="2026-01-02 .*evil.*\.eml"/);
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

  test.each(['x', 'a.b.c', `${UNKNOWN}.${UNKNOWN}.0`, `${UNKNOWN}.${UNKNOWN}.1`, `${UNKNOWN}.${UNKNOWN}.99999999999`])(
    'of the id %s is not found',
    async (id) => {
      expect((await api.call('GET', `/points/${id}`)).status).toBe(404);
    },
  );
});

test('damage in the repository is said, and nothing wrong is shown', async () => {
  // A point of which the Director has not read anything yet.
  const fresh = await mailbox.backUp([{ id: 'new', folderId: 'inbox', subject: 'Written later' }]);
  expect((await api.call('GET', `/points/${fresh}/items?folder=inbox`)).body.items).toHaveLength(26);
  const packs = readdirSync(join(mailbox.folder, 'data'), { recursive: true, withFileTypes: true }).filter((entry) =>
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
