import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openDiskStore } from '@backhaul/blob-store';
import {
  aDraft,
  aFolder,
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
    const items = [...reader.items(points[index]!.root)];
    expect(items.map(({ id }) => id)).toEqual([...expected.keys()].sort());
    for (const { containerId, id, subject, parts } of items) {
      expect([containerId, subject]).toEqual(['inbox', `Subject of ${id}`]);
      expect(parts['mime']!.equals(expected.get(id)!)).toBe(true);
      expect(JSON.parse(parts['properties']!.toString())).toEqual({ id });
    }
  }
});

test('a wrong password opens nothing', () => {
  expect(() => new IndependentReader(folder, 'guess')).toThrow('no slot opens with this password');
});
