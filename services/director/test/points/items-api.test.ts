import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import ICAL from 'ical.js';
import { apiForTests, inventoryForTests } from '../../testing/fixtures/api.ts';
import { mailboxForTests } from '../../testing/fixtures/mailbox.ts';
import * as stored from '../../testing/stored-everything.ts';

const api = apiForTests();
const inventory = inventoryForTests(api);
const mailbox = mailboxForTests(api, inventory);
let pointId: string;
beforeAll(async () => {
  pointId = await mailbox.store(stored.FOLDERS, stored.ITEMS);
}, 60_000);

const read = async (path: string) => (await api.call('GET', `/points/${pointId}${path}`)).body;
const download = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${api.url}/api/v1/points/${pointId}${path}`, {
    headers: { authorization: `Bearer ${api.tokens.operator}`, ...headers },
  });
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

describe('a point of every kind', () => {
  test('shows folders with the kind of their items', async () => {
    const { items } = await read('/folders');
    expect(items.map(({ kind, path }: { kind: string; path: string[] }) => [kind, path.join('/')])).toEqual([
      ['calendar', 'Calendar'],
      ['mail', 'Inbox'],
      ['mail', 'Inbox/Projects'],
      ['contacts', 'People'],
      ['files', 'root'],
    ]);
  });

  test.each([
    ['inbox', { kind: 'message', subject: 'Quarterly plan', folderId: 'inbox' }],
    ['people', { kind: 'contact', name: 'Zoë Ångström', address: 'zoe@example.com' }],
    ['calendar', { kind: 'event', organizer: 'Grace Hopper <grace@example.com>', isSeries: false }],
    ['root', { kind: 'file', name: 'Film "one".mp4', contentSize: 100_000, contentHash: 'hash=' }],
  ])('lists what lies in %s', async (folder, expected) => {
    expect((await read(`/items?folder=${folder}`)).items).toEqual([expect.objectContaining(expected)]);
  });

  test('is searched', async () => {
    const { items } = await read('/search?text=PLAN&since=2026-01-01T00:00:00Z');
    expect(items.map(({ item, folderPath }: any) => [item.id, folderPath])).toEqual([
      ['e1', ['Calendar']],
      ['m1', ['Inbox']],
    ]);
    const first = await read('/search?limit=3');
    const second = await read(`/search?limit=3&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items].map(({ item }: any) => item.id).sort()).toEqual(['c1', 'e1', 'f1', 'm1']);
  });
});

describe('an item is shown', () => {
  test('as a message: harmless, with its own images and without those from elsewhere', async () => {
    const body = await read('/items/m1');
    expect(body.message.body).toEqual({
      type: 'html',
      text: 'Hello',
      html: `<p>Hello <img src="data:image/png;base64,${stored.PNG.toString('base64')}" /><img /></p>`,
      blockedImages: 1,
      isCut: false,
    });
    expect(body.message.to).toEqual([{ name: 'Bob', address: 'bob@example.com' }]);
    expect(body.message.attachments.map(({ index, name, size }: any) => [index, name, size])).toEqual([
      [0, 'logo.png', stored.PNG.length],
      [1, 'plan.pdf', stored.PLAN.length],
    ]);
  });

  test('as a contact', async () => {
    expect((await read('/items/c1')).contact).toEqual({
      fields: {
        companyName: 'Analytical Engines',
        displayName: 'Zoë Ångström',
        emailAddresses: [{ name: 'Zoë Ångström', address: 'zoe@example.com' }],
      },
      photo: `data:image/png;base64,${stored.PNG.toString('base64')}`,
    });
  });

  test('as an event', async () => {
    expect((await read('/items/e1')).event).toMatchObject({
      subject: 'Review of the plan',
      start: '2026-03-04T10:00:00Z',
      organizer: { name: 'Grace Hopper', address: 'grace@example.com' },
      attendees: [{ name: 'Bob', address: 'bob@example.com', type: 'required', response: 'accepted' }],
      body: { html: '<p>Agenda</p>', text: 'Agenda' },
      recurrence: null,
      attachments: [{ index: 0, name: 'agenda.pdf', sha256: createHash('sha256').update(stored.PLAN).digest('hex') }],
    });
  });

  test('as a file with its versions and who may use it', async () => {
    expect((await read('/items/f1')).file).toEqual({
      mimeType: 'video/mp4',
      sha256: createHash('sha256').update(stored.CONTENT).digest('hex'),
      versions: [{ id: '1.0', modifiedAt: '2025-01-01T00:00:00Z', size: 3 }],
      permissions: [{ roles: ['write'], grantedTo: ['Bob'], link: null }],
    });
  });
});

describe('an item is downloaded', () => {
  test('as a file that no browser shows', async () => {
    const response = await download('/items/f1/content');
    expect((await bytesOf(response)).equals(stored.CONTENT)).toBe(true);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '100000',
      'content-disposition': `attachment; filename="Film _one_.mp4"; filename*=UTF-8''Film%20_one_.mp4`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
      'accept-ranges': 'bytes',
    });
  });

  test.each([
    ['bytes=0-0', 0, 1],
    ['bytes=70000-79999', 70_000, 80_000],
    ['bytes=99000-', 99_000, 100_000],
    ['bytes=-5', 99_995, 100_000],
  ])('in the range %s', async (range, start, end) => {
    const response = await download('/items/f1/content', { range });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/100000`);
    expect((await bytesOf(response)).equals(stored.CONTENT.subarray(start, end))).toBe(true);
  });

  test('not in a range behind its end', async () => {
    const { status, body } = await api.call('GET', `/points/${pointId}/items/f1/content`, {
      headers: { range: 'bytes=100000-' },
    });
    expect([status, body.code, body.where]).toEqual([416, 'content.range-outside', { length: '100000' }]);
  });

  test('as a contact that can be read', async () => {
    const response = await download('/items/c1/content');
    expect(response.headers.get('content-disposition')).toContain('.vcf');
    const card = new ICAL.Component(ICAL.parse(String(await bytesOf(response))));
    expect(card.getFirstPropertyValue('fn')).toBe('Zoë Ångström');
  });

  test('as an event that can be read', async () => {
    const response = await download('/items/e1/content');
    expect(response.headers.get('content-disposition')).toContain('2026-03-04 Review of the plan.ics');
    const calendar = new ICAL.Component(ICAL.parse(String(await bytesOf(response))));
    expect(calendar.getFirstSubcomponent('vevent')?.getFirstPropertyValue('summary')).toBe('Review of the plan');
  });

  test.each([
    ['/items/m1/attachments/1', stored.PLAN, 'plan.pdf'],
    ['/items/m1/attachments/0', stored.PNG, 'logo.png'],
    ['/items/e1/attachments/0', stored.PLAN, 'agenda.pdf'],
  ])('by its attachment %s', async (path, content, name) => {
    const response = await download(path);
    expect(await bytesOf(response)).toEqual(content);
    expect(response.headers.get('content-disposition')).toContain(`filename="${name}"`);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
  });

  test('by its older version', async () => {
    expect(String(await bytesOf(await download('/items/f1/versions/1.0')))).toBe('old');
  });

  test.each([
    ['/items/m1/attachments/2', 404, 'attachment.not-found'],
    ['/items/f1/attachments/0', 404, 'attachment.not-found'],
    ['/items/m1/attachments/x', 404, 'route.not-found'],
    ['/items/f1/versions/9', 404, 'version.not-found'],
    ['/items/m1/versions/1.0', 404, 'version.not-found'],
    ['/search?kind=x', 422, 'request.invalid'],
    ['/search?text=', 422, 'request.invalid'],
    ['/search?since=yesterday', 422, 'request.invalid'],
    ['/search?folder=nowhere', 404, 'folder.not-found'],
  ])('not at %s', async (path, status, code) => {
    const answered = await api.call('GET', `/points/${pointId}${path}`);
    expect([answered.status, answered.body.code]).toEqual([status, code]);
  });

  test('by nobody who is only a viewer', async () => {
    for (const path of ['/search', '/items/f1/content', '/items/m1/attachments/0', '/items/f1/versions/1.0']) {
      expect((await api.call('GET', `/points/${pointId}${path}`, { as: 'viewer' })).status).toBe(403);
    }
  });
});

describe('what changed since an older point', () => {
  let newer: string;
  beforeAll(async () => {
    newer = await mailbox.store(
      stored.FOLDERS.map((folder) => (folder.id === 'projects' ? { ...folder, name: 'Archive' } : folder)),
      [
        stored.message('m1', 'Quarterly plan', { containerId: 'projects' }),
        stored.message('m2', 'New'),
        stored.contact('c1', 'Zoë Ångström', 'Elsewhere'),
      ],
      [
        { containerId: 'inbox', id: 'm1' },
        { containerId: 'root', id: 'f1' },
      ],
    );
  });
  const changes = async (query = '') =>
    (await api.call('GET', `/points/${newer}/changes?since=${pointId}${query}`)).body;

  test('is listed with what was and what is', async () => {
    const { counts, items, nextCursor } = await changes();
    expect(counts).toEqual({
      folders: { new: 0, changed: 1, moved: 0, removed: 0 },
      items: { new: 1, changed: 1, moved: 1, removed: 1 },
    });
    expect(nextCursor).toBeNull();
    expect(
      items.map(({ type, before, after }: any) => [
        type,
        before && (before.item?.id ?? before.folder.name),
        before?.folderPath.join('/'),
        after && (after.item?.id ?? after.folder.name),
        after?.folderPath.join('/'),
      ]),
    ).toEqual([
      ['changed', 'Projects', 'Inbox/Projects', 'Archive', 'Inbox/Archive'],
      ['new', null, undefined, 'm2', 'Inbox'],
      ['changed', 'c1', 'People', 'c1', 'People'],
      ['moved', 'm1', 'Inbox', 'm1', 'Inbox/Archive'],
      ['removed', 'f1', 'root', null, undefined],
    ]);
  });

  test('is listed page by page, and by type', async () => {
    const first = await changes('&limit=2');
    const second = await changes(`&limit=2&cursor=${first.nextCursor}`);
    const third = await changes(`&limit=2&cursor=${second.nextCursor}`);
    expect([...first.items, ...second.items, ...third.items]).toEqual((await changes()).items);
    expect((await changes('&type=removed')).items).toHaveLength(1);
    expect((await changes('&type=removed')).counts).toEqual(first.counts);
  });

  test.each([
    ['itself', () => newer],
    ['a newer one', () => pointId.replace(/\d+$/, '9')],
    ['one of another chain', () => `${inventory.mailboxes[1]}.${inventory.mailboxes[0]}.1`],
  ])('is not asked of %s', async (_, since) => {
    const { status, body } = await api.call('GET', `/points/${newer}/changes?since=${since()}`);
    expect([status, body.errors]).toEqual([
      422,
      [expect.objectContaining({ pointer: '?since', code: 'point-not-comparable' })],
    ]);
  });
});
