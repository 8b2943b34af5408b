import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openDiskStore } from '@backhaul/blob-store';
import type { PartContent } from '@backhaul/repository';
import {
  aContact,
  aDraft,
  aFile,
  aFolder,
  anEvent,
  anItem,
  aTask,
  messageParts,
  repositoryBench,
  SeededRandom,
  TEST_PASSWORD,
  type RepositoryBench,
} from '@backhaul/repository/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobStore } from '../src/blob-store.ts';
import { inPieces } from './drive-scene.ts';
import { IndependentReader } from './independent-reader.ts';

let folder: string;
let bench: RepositoryBench<BlobStore>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-format-'));
  bench = await repositoryBench(await openDiskStore(folder));
});

afterEach(async () => {
  await bench.close();
  await rm(folder, { recursive: true, force: true });
});

/** Backs `messages` up as one more point of the chain. */
async function backUp(fence: number, messages: Map<string, Buffer>): Promise<void> {
  const repository = await bench.open();
  const writer = await repository.openWriter();
  const session = await writer.beginObject(aTask({ taskId: `task-${fence}`, fence }));
  if ('committed' in session) throw new Error('done already');
  session.putEntry(aFolder('inbox'));
  for (const [id, content] of messages) await session.putItem(anItem(id), messageParts(content, { id }));
  await session.commit(aDraft(), () => undefined);
  await writer.close();
}

function bytes(name: string, content: string): PartContent {
  return { name, format: 'bytes', content: Buffer.from(content) };
}

/** Every kind of content: none, short, many small ones, attachments in both line ends, streams cut in chunks. */
function aMailbox(random: SeededRandom): Map<string, Buffer> {
  const encoded = (length: number, eol: string, line = 76) =>
    random
      .bytes(length)
      .toString('base64')
      .replace(new RegExp(`.{${line}}`, 'g'), `$&${eol}`);
  const withAttachments = (...texts: string[]) =>
    Buffer.from(texts.map((text) => `--b\r\nContent-Transfer-Encoding: base64\r\n\r\n${text}`).join('\r\n'), 'latin1');
  const messages = new Map<string, Buffer>([
    ['empty', Buffer.alloc(0)],
    ['one-byte', random.bytes(1)],
    ['long', random.bytes(9_000_000)],
    ['dull', Buffer.alloc(5_000_000, 'Dear all. ')],
    [
      'attached',
      withAttachments(encoded(200_001, '\r\n'), encoded(50_000, '\n'), `${encoded(4000, '\r\n', 60)}\r\n--b--`),
    ],
    ['attached-long', withAttachments(encoded(5_000_000, '\r\n'))],
    // More pieces than an item's entry may hold: its recipe lies elsewhere.
    ['many-attached', withAttachments(...Array.from({ length: 700 }, () => encoded(1200, '\r\n')))],
  ]);
  for (let n = 0; n < 3000; n += 1) messages.set(`m${n}`, random.bytes(random.below(2000)));
  return messages;
}

test('a reader written from FORMAT.md alone restores every byte of a mailbox, of each of its points', async () => {
  const first = aMailbox(new SeededRandom(5));
  const change = new Map([
    ['m7', Buffer.from('changed')],
    ['new', Buffer.from('new')],
  ]);
  await backUp(1, first);
  await backUp(2, change);

  const reader = new IndependentReader(folder, TEST_PASSWORD.reveal());
  const points = reader.points();
  expect(points.map(({ record }) => [record.jobId, record.sequence])).toEqual([
    ['job-1', 1],
    ['job-1', 2],
  ]);
  for (const [index, expected] of [first, new Map([...first, ...change])].entries()) {
    const items = [...reader.entries(points[index]!.root)].filter((entry) => 'listed' in entry);
    expect(items.map(({ id }) => id)).toEqual([...expected.keys()].sort());
    for (const { containerId, id, listed, parts } of items) {
      expect([containerId, listed[0]]).toEqual(['inbox', `Subject of ${id}`]);
      expect(parts['mime']!.equals(expected.get(id)!)).toBe(true);
      expect(JSON.parse(parts['properties']!.toString())).toEqual({ id });
    }
  }
});

test('it reads folders and items of every kind, with what is stored of folders themselves and what came as a stream', async () => {
  const random = new SeededRandom(6);
  const video = random.bytes(9_000_000);
  const repository = await bench.open();
  const writer = await repository.openWriter();
  const session = await writer.beginObject(aTask());
  if ('committed' in session) throw new Error('done already');
  for (const kind of ['mail', 'contacts', 'calendar'] as const) session.putEntry(aFolder(kind, { kind }));
  const { parts: _none, ...drive } = aFolder('drive', { kind: 'files', name: 'Laufwerk' });
  await session.putFolder(drive, [bytes('properties', '{"root":{}}'), bytes('permissions', '[]')]);
  await session.putItem(anItem('message', { containerId: 'mail', isRead: true }), messageParts('x'));
  await session.putItem(aContact('contact'), [bytes('photo', 'a face')]);
  await session.putItem(anEvent('event', { isSeries: true }), [bytes('properties', '{}')]);
  const file = aFile('file', { contentHash: 'aCgDG9jwBgAAAAAABQAAAAAAAAA=' });
  await session.putItem(file, [{ name: 'content', format: 'bytes', content: inPieces(video, random, 300_000) }]);
  await session.commit(aDraft(), () => undefined);
  await writer.close();

  const reader = new IndependentReader(folder, TEST_PASSWORD.reveal());
  const entries = [...reader.entries(reader.points()[0]!.root)];
  const time = '2026-01-01T00:00:00Z';
  const grace = 'Grace <grace@example.com>';
  expect(entries.filter((entry) => !('listed' in entry))).toEqual([
    { kind: 'calendar', id: 'calendar', parentId: '', name: 'calendar', parts: {} },
    { kind: 'contacts', id: 'contacts', parentId: '', name: 'contacts', parts: {} },
    {
      kind: 'files',
      id: 'drive',
      parentId: '',
      name: 'Laufwerk',
      parts: { properties: Buffer.from('{"root":{}}'), permissions: Buffer.from('[]') },
    },
    { kind: 'mail', id: 'mail', parentId: '', name: 'mail', parts: {} },
  ]);
  const items = entries.filter((entry) => 'listed' in entry);
  expect(items.map(({ containerId, kind, size, listed }) => [containerId, kind, size, listed])).toEqual([
    ['calendar', 'event', 2, ['Subject of event', grace, '2026-01-01T09:00:00Z', '2026-01-01T10:00:00Z', true, false]],
    ['contacts', 'contact', 6, ['Name of contact', 'grace@example.com', 'Example Ltd']],
    ['drive', 'file', video.length, ['file.txt', time, '2026-01-02T00:00:00Z', 'aCgDG9jwBgAAAAAABQAAAAAAAAA=']],
    ['mail', 'message', 3, ['Subject of message', grace, time, true, false]],
  ]);
  expect(items[1]!.parts['photo']!.toString()).toBe('a face');
  expect(items[2]!.parts['content']!.equals(video)).toBe(true);
});

test('a wrong password opens nothing', () => {
  expect(() => new IndependentReader(folder, 'guess')).toThrow('no slot opens with this password');
});
