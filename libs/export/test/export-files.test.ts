import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Failure } from '@backhaul/domain';
import ICAL from 'ical.js';
import { aContact, aFile, aFolder, aMessage, anEvent, MemoryPoint } from '../testing/index.ts';
import { exported, manifestOf, pathsOf } from './export-scene.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const FOLDERS = [
  aFolder('mail', 'inbox', 'Inbox'),
  aFolder('mail', 'projects', 'Projects / 2026', 'inbox'),
  aFolder('contacts', 'contacts', 'Contacts'),
  aFolder('calendar', 'calendar', 'Calendar'),
  aFolder('files', 'root', 'root'),
  aFolder('files', 'docs', 'Documents', 'root'),
  aFolder('files', 'empty', 'Nothing', 'docs'),
];

const MIME = Buffer.from('From: a\r\n\r\nbytes \xff\0 as they were\nFrom here\r\n', 'latin1');
const CONTENT = Buffer.from(Array.from({ length: 10_000 }, (_, index) => (index * 31) % 256));

function everything(): MemoryPoint {
  return new MemoryPoint(FOLDERS, [
    aMessage('m1', { mime: MIME }),
    aMessage('m2', { folder: 'projects', subject: 'RE: plan?' }),
    aContact('c1', 'Ada Lovelace', Buffer.from('ffd8ff00', 'hex')),
    anEvent('e1', 'Review'),
    aFile('f1', 'photo.jpg', CONTENT),
    aFile('f2', 'Plan.docx', CONTENT, { folder: 'docs' }),
  ]);
}

describe('an export of everything', () => {
  test('has a file for each item in the folders it lay in, and folders where nothing lay', async () => {
    const files = await exported(everything());
    expect(pathsOf(files)).toEqual([
      'Calendar/Calendar/2026-03-04 Review.ics',
      'Contacts/Contacts/Ada Lovelace.vcf',
      'Files/Documents/Plan.docx',
      'Files/photo.jpg',
      'Mail/Inbox/2026-01-02 Subject m1.eml',
      'Mail/Inbox/Projects _ 2026/2026-01-02 RE_ plan_.eml',
    ]);
    expect(files.has('Files/Documents/Nothing/')).toBe(true);
  });

  test('has messages and files byte for byte', async () => {
    const files = await exported(everything());
    expect(files.get('Mail/Inbox/2026-01-02 Subject m1.eml')).toEqual(MIME);
    expect(files.get('Files/photo.jpg')).toEqual(CONTENT);
  });

  test('accounts for each item, with the hash of what was written', async () => {
    const files = await exported(everything());
    const manifest = manifestOf(files);
    expect([...files.keys()].at(-1)).toBe('manifest.json');
    expect(manifest).toMatchObject({
      format: 'backhaul-export',
      version: 1,
      point: { jobName: 'Nightly', sequence: 3, object: { displayName: 'Ada' } },
      counts: { exported: 6, degraded: 0, incomplete: 0, failed: 0 },
    });
    expect(manifest.items.map(({ id }: { id: string }) => id).sort()).toEqual(['c1', 'e1', 'f1', 'f2', 'm1', 'm2']);
    for (const { file } of manifest.items) {
      const bytes = files.get(file.path) ?? Buffer.alloc(0);
      expect([file.sha256, file.bytes]).toEqual([sha256(bytes), bytes.length]);
    }
    expect(manifest.items.find(({ id }: { id: string }) => id === 'm2')).toMatchObject({
      kind: 'message',
      folderId: 'projects',
      folder: ['Inbox', 'Projects / 2026'],
      name: 'RE: plan?',
      result: 'exported',
    });
  });
});

describe('a selection', () => {
  test('of kinds leaves the others out', async () => {
    const files = await exported(everything(), { selection: { type: 'all', kinds: ['contacts', 'calendar'] } });
    expect(pathsOf(files)).toHaveLength(2);
  });

  test('of folders brings what is below them', async () => {
    const files = await exported(everything(), { selection: { type: 'folders', folderIds: ['inbox', 'docs'] } });
    expect(pathsOf(files)).toEqual([
      'Files/Documents/Plan.docx',
      'Mail/Inbox/2026-01-02 Subject m1.eml',
      'Mail/Inbox/Projects _ 2026/2026-01-02 RE_ plan_.eml',
    ]);
  });

  test('of items brings those, and names what is not there', async () => {
    const items = ['m1', 'gone'].map((itemId) => ({ folderId: 'inbox', itemId }));
    const files = await exported(everything(), {
      selection: { type: 'items', items: [...items, { folderId: 'nowhere', itemId: 'm9' }] },
    });
    expect(pathsOf(files)).toEqual(['Mail/Inbox/2026-01-02 Subject m1.eml']);
    expect(
      manifestOf(files)
        .notInThePoint.map(({ itemId }: { itemId: string }) => itemId)
        .sort(),
    ).toEqual(['gone', 'm9']);
  });
});

describe('an item that cannot be read', () => {
  const damaged = new Failure('corrupt', {
    code: 'repository.corrupt',
    message: 'Chunk 12 is damaged.',
    retry: 'never',
  });

  test('is named in the manifest, and the others are there', async () => {
    const files = await exported(
      new MemoryPoint(FOLDERS, [aMessage('m1', { mime: damaged }), aMessage('m2'), aFile('f1', 'a.txt', damaged)]),
    );
    expect(pathsOf(files)).toEqual(['Mail/Inbox/2026-01-02 Subject m2.eml']);
    expect(manifestOf(files).counts).toMatchObject({ exported: 1, failed: 2 });
    expect(manifestOf(files).items.find(({ id }: { id: string }) => id === 'm1')).toMatchObject({
      result: 'failed',
      notes: ['Chunk 12 is damaged.'],
    });
  });

  test('from its middle on has a file that ends there, and is named as incomplete', async () => {
    async function* breakingOff() {
      yield Buffer.from('the first piece');
      throw damaged;
    }
    const files = await exported(
      new MemoryPoint(FOLDERS, [aFile('f1', 'a.bin', breakingOff), aFile('f2', 'b.bin', CONTENT)]),
    );
    expect(String(files.get('Files/a.bin'))).toBe('the first piece');
    expect(files.get('Files/b.bin')).toEqual(CONTENT);
    expect(manifestOf(files).items.find(({ id }: { id: string }) => id === 'f1')).toMatchObject({
      result: 'incomplete',
      file: { bytes: 15, sha256: sha256(Buffer.from('the first piece')) },
      notes: ['Files/a.bin ends after 15 bytes: Chunk 12 is damaged.'],
    });
  });

  test('and never could be is named with the reason', async () => {
    const unread = Buffer.from(
      JSON.stringify({
        properties: { id: 'm1' },
        failure: { kind: 'unreadable', code: 'x', message: 'Blocked as malware.', retry: 'never' },
      }),
    );
    const files = await exported(new MemoryPoint(FOLDERS, [aMessage('m1', { parts: { unread } })]));
    expect(manifestOf(files).items[0]).toMatchObject({
      result: 'failed',
      notes: [expect.stringContaining('Blocked as malware.')],
    });
  });

  test('in its newest version is exported in the older one, and named as degraded', async () => {
    const failure = { kind: 'unreadable', code: 'x', message: 'Could not be read.', retry: 'later' };
    const unread = Buffer.from(JSON.stringify({ properties: { id: 'c1' }, failure }));
    const contact = aContact('c1', 'Ada');
    const files = await exported(new MemoryPoint(FOLDERS, [{ ...contact, parts: { ...contact.parts, unread } }]));
    expect(pathsOf(files)).toEqual(['Contacts/Contacts/Ada.vcf']);
    expect(manifestOf(files).items[0]).toMatchObject({
      result: 'degraded',
      notes: ['This is an older version: Could not be read.'],
    });
  });
});

test('a message stored in parts is put together, and says so', async () => {
  const properties = Buffer.from(JSON.stringify({ id: 'm1', subject: 'x', sentDateTime: '2026-01-02T03:04:05Z' }));
  const content = Buffer.from(
    JSON.stringify({
      body: { contentType: 'text', content: 'Hello' },
      attachments: [
        { kind: 'file', name: 'a.bin', contentType: 'x/y', contentId: '', isInline: false, part: 'attachment-0' },
      ],
    }),
  );
  const files = await exported(
    new MemoryPoint(FOLDERS, [aMessage('m1', { parts: { properties, content, 'attachment-0': CONTENT } })]),
  );
  const [path = ''] = pathsOf(files);
  expect(String(files.get(path))).toContain(CONTENT.toString('base64').slice(0, 76));
  expect(manifestOf(files).items[0]).toMatchObject({
    result: 'degraded',
    notes: [expect.stringContaining('put together')],
  });
});

describe('one file for each folder', () => {
  test('holds all messages of it as an MBOX', async () => {
    const files = await exported(everything(), { perFolder: ['mail'] });
    expect(pathsOf(files).filter((path) => path.startsWith('Mail'))).toEqual([
      'Mail/Inbox.mbox',
      'Mail/Inbox/Projects _ 2026.mbox',
    ]);
    expect(files.get('Mail/Inbox.mbox')?.toString('latin1')).toBe(
      'From ada@example.com Fri Jan  2 03:04:05 2026\nFrom: a\n\nbytes \xff\0 as they were\n>From here\n\n',
    );
    expect(manifestOf(files).items.find(({ id }: { id: string }) => id === 'm1').file).toEqual({
      path: 'Mail/Inbox.mbox',
      bytes: MIME.length,
      sha256: sha256(MIME),
    });
  });

  test('holds all contacts as vCards, and all events as one calendar', async () => {
    const large = Buffer.alloc(2 * 1024 * 1024, 1);
    const list = [
      {
        kind: 'file',
        name: 'plan.pdf',
        contentType: 'application/pdf',
        contentId: '',
        isInline: false,
        part: 'attachment-0',
      },
    ];
    const files = await exported(
      new MemoryPoint(FOLDERS, [
        aContact('c1', 'Ada'),
        aContact('c2', 'Bob'),
        anEvent('e1', 'One'),
        anEvent('e2', 'Two', { attachments: Buffer.from(JSON.stringify(list)), 'attachment-0': large }),
      ]),
      { perFolder: ['contacts', 'calendar'] },
    );
    const cards = ICAL.parse(String(files.get('Contacts/Contacts.vcf'))) as any[];
    expect(cards).toHaveLength(2);
    const calendar = new ICAL.Component(ICAL.parse(String(files.get('Calendar/Calendar.ics'))));
    expect(
      calendar
        .getAllSubcomponents('vevent')
        .map((event) => event.getFirstPropertyValue('uid'))
        .sort(),
    ).toEqual(['e1', 'e2']);
    expect(calendar.getAllSubcomponents('vtimezone')).toHaveLength(1);
    expect(files.get('Calendar/Calendar/2026-03-04 Two.ics - plan.pdf')?.equals(large)).toBe(true);
    expect(manifestOf(files).items.find(({ id }: { id: string }) => id === 'e2').beside).toEqual([
      { path: 'Calendar/Calendar/2026-03-04 Two.ics - plan.pdf', bytes: large.length, sha256: sha256(large) },
    ]);
  });

  test('lacks what cannot be read, and nothing else', async () => {
    const damaged = new Failure('corrupt', { code: 'x', message: 'Damaged.', retry: 'never' });
    const files = await exported(
      new MemoryPoint(FOLDERS, [aMessage('m1'), aMessage('m2', { mime: damaged }), aMessage('m3')]),
      { perFolder: ['mail'] },
    );
    expect(String(files.get('Mail/Inbox.mbox')).match(/^From /gm)).toHaveLength(2);
    expect(manifestOf(files).counts).toMatchObject({ exported: 2, failed: 1 });
  });
});

test('older versions of a file lie beside it when they are asked for', async () => {
  const versions = [
    { id: '2.0', modifiedAt: '2025-02-03T00:00:00Z', size: 3, part: 'version-0' },
    { id: '1.0', modifiedAt: '2025-01-01T00:00:00Z', size: 3, part: 'lost' },
  ];
  const point = new MemoryPoint(FOLDERS, [
    aFile('f1', 'a.txt', CONTENT, {
      parts: { versions: Buffer.from(JSON.stringify(versions)), 'version-0': Buffer.from('old') },
    }),
  ]);
  const files = await exported(point, { fileVersions: true });
  expect(pathsOf(files)).toEqual(['Files/a.txt', 'Files/a.txt - a (version 2.0, 2025-02-03).txt']);
  expect(manifestOf(files).items[0]).toMatchObject({ result: 'degraded', notes: ['Version 1.0 is not in the point.'] });
  expect(pathsOf(await exported(point))).toEqual(['Files/a.txt']);
});
