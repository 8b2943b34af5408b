import { buffer } from 'node:stream/consumers';
import { request } from 'node:http';
import { beforeAll, describe, expect, test } from '@jest/globals';
import yauzl from 'yauzl';
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

/** The archive as a program that unpacks it sees it, and the manifest. */
async function exported(body: object = {}) {
  const response = await fetch(`${api.url}/api/v1/points/${pointId}:export`, {
    method: 'POST',
    headers: { authorization: `Bearer ${api.tokens.operator}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const archive = Buffer.from(await response.arrayBuffer());
  const zip = await yauzl.fromBufferPromise(archive, { strictFileNames: true, lazyEntries: true });
  const files = new Map<string, Buffer>();
  for await (const entry of zip.eachEntry()) {
    if (!entry.fileName.endsWith('/')) files.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
  }
  return { response, files, manifest: JSON.parse(String(files.get('manifest.json'))) };
}

describe('an export', () => {
  test('is an archive of everything, byte for byte', async () => {
    const { response, files, manifest } = await exported();
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/zip']);
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename=".* \d{4}-\d\d-\d\d\.zip"/);
    expect([...files.keys()].sort()).toEqual([
      'Calendar/Calendar/2026-03-04 Review of the plan.ics',
      'Contacts/People/Zoë Ångström.vcf',
      'Files/Film _one_.mp4',
      'Mail/Inbox/2026-01-02 Quarterly plan.eml',
      'manifest.json',
    ]);
    expect(files.get('Files/Film _one_.mp4')?.equals(stored.CONTENT)).toBe(true);
    expect(manifest.counts).toEqual({ exported: 4, degraded: 0, incomplete: 0, failed: 0 });
    expect(manifest.point.object.displayName).toBe('Ada');
  });

  test('has what is selected, in the form that is asked for', async () => {
    const selection = { type: 'folders', folderIds: ['inbox'] };
    expect([...(await exported({ selection, perFolder: ['mail'] })).files.keys()].sort()).toEqual([
      'Mail/Inbox.mbox',
      'Mail/Inbox/Projects.mbox',
      'manifest.json',
    ]);
    const items = { type: 'items', items: [{ folderId: 'root', itemId: 'f1' }] };
    expect([...(await exported({ selection: items, fileVersions: true })).files.keys()].sort()).toEqual([
      'Files/Film _one_.mp4',
      'Files/Film _one_.mp4 - Film _one_ (version 1.0, 2025-01-01).mp4',
      'manifest.json',
    ]);
  });

  test.each([
    ['an unknown folder', { selection: { type: 'folders', folderIds: ['inbox', 'x'] } }, '/selection/folderIds/1'],
    [
      'an unknown item',
      { selection: { type: 'items', items: [{ folderId: 'inbox', itemId: 'x' }] } },
      '/selection/items/0',
    ],
    ['an unknown kind', { selection: { type: 'all', kinds: ['chats'] } }, '/selection/kinds/0'],
    ['a kind that is no bundle', { perFolder: ['files'] }, '/perFolder/0'],
    ['an unknown field', { folder: '/etc' }, '/folder'],
  ])('is refused for %s', async (_, body, pointer) => {
    const answered = await api.call('POST', `/points/${pointId}:export`, { body });
    expect([answered.status, answered.body.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });

  test('is refused to viewers, and of points that are not there', async () => {
    expect((await api.call('POST', `/points/${pointId}:export`, { body: {}, as: 'viewer' })).status).toBe(403);
    const unknown = pointId.replace(/\d+$/, '99');
    expect((await api.call('POST', `/points/${unknown}:export`, { body: {} })).body.code).toBe('point.not-found');
  });
});

test('who goes away in the middle ends the export, and the Director goes on', async () => {
  const many = Array.from({ length: 12 }, (_, index) => {
    const content = Buffer.alloc(1024 * 1024);
    for (let at = 0; at < content.length; at += 4) content.writeUInt32LE((at * 2_654_435_761 + index) >>> 0, at);
    return stored.file(`large-${index}`, `large ${index}.zip`, content);
  });
  const large = await mailbox.store(stored.FOLDERS, many);
  const received = await new Promise<number>((resolve, reject) => {
    const sent = request(`${api.url}/api/v1/points/${large}:export`, {
      method: 'POST',
      headers: { authorization: `Bearer ${api.tokens.operator}`, 'content-type': 'application/json' },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let bytes = 0;
      response.on('data', (piece: Buffer) => {
        bytes += piece.length;
        if (bytes > 200_000) {
          sent.off('error', reject).on('error', () => undefined);
          response.destroy();
          resolve(bytes);
        }
      });
    });
    sent.end('{}');
  });
  expect(received).toBeLessThan(5_000_000);
  expect(api.log.filter((line) => /"level":(50|60)|"level":"(error|fatal)"/.test(line))).toEqual([]);
  expect((await api.call('GET', `/points/${large}/folders`)).status).toBe(200);
});
