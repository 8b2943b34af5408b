import { setImmediate as turn } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { exportFiles, zipOf, type ExportedEntry } from '../src/index.ts';
import { aFile, aFolder, aMessage, MemoryPoint } from '../testing/index.ts';
import { ALL, unpack } from './export-scene.ts';

const FOLDERS = [aFolder('files', 'root'), aFolder('mail', 'inbox', 'Inbox')];
const MiB = 1024 * 1024;

describe('an archive of a large file', () => {
  test('is made while it is read: what is made ahead does not grow with the file', async () => {
    const length = 128 * MiB;
    let made = 0;
    async function* content() {
      const piece = Buffer.alloc(MiB, 7);
      for (; made < length; made += piece.length) yield piece;
    }
    let taken = 0;
    let mostAhead = 0;
    const slowly = new Writable({
      write(piece: Buffer, _, done) {
        mostAhead = Math.max(mostAhead, made - taken);
        taken += piece.length;
        setImmediate(done);
      },
    });
    await finished(zipOf(exportFiles(new MemoryPoint(FOLDERS, [aFile('f1', 'film.mp4', content)]), ALL)).pipe(slowly));
    expect(taken).toBeGreaterThan(length);
    expect(mostAhead).toBeLessThan(8 * MiB);
  });

  test('that nobody reads on stops reading it', async () => {
    let made = 0;
    let ended = false;
    async function* endless() {
      try {
        for (;;) {
          made += MiB;
          yield Buffer.alloc(MiB);
        }
      } finally {
        ended = true;
      }
    }
    const archive = zipOf(exportFiles(new MemoryPoint(FOLDERS, [aFile('f1', 'film.mp4', endless)]), ALL));
    for await (const _ of archive) break;
    expect(archive.destroyed).toBe(true);
    for (let count = 0; count < 20 && !ended; count += 1) await turn();
    expect(ended).toBe(true);
    const soFar = made;
    for (let count = 0; count < 20; count += 1) await turn();
    expect(made).toBe(soFar);
  });
});

test('many small items are each asked for when the one before was taken', async () => {
  const point = new MemoryPoint(
    FOLDERS,
    Array.from({ length: 300 }, (_, index) => aMessage(`m${index}`, { mime: Buffer.alloc(64 * 1024, index) })),
  );
  const archive = zipOf(exportFiles(point, { ...ALL, perFolder: [] }));
  for (let count = 0; count < 200; count += 1) await turn();
  // Nothing was read of the archive yet: only as much was made as its buffers take.
  expect(point.reads.filter((name) => name === 'mime').length).toBeLessThan(30);
  expect((await unpack(await buffer(archive))).size).toBe(303);
});

test('what the entries throw ends the archive with the same error', async () => {
  async function* broken(): AsyncGenerator<ExportedEntry> {
    yield { type: 'folder', path: 'Mail' };
    throw new Error('The tree is damaged.');
  }
  await expect(buffer(zipOf(broken()))).rejects.toThrow('The tree is damaged.');
});

test('an export that is cancelled ends with what the signal says', async () => {
  const cancel = new AbortController();
  async function* content() {
    yield Buffer.from('a');
    cancel.abort(new Error('Enough.'));
    yield Buffer.from('b');
  }
  const point = new MemoryPoint(FOLDERS, [aFile('f1', 'a.mp4', content), aFile('f2', 'b.mp4', Buffer.from('x'))]);
  await expect(buffer(zipOf(exportFiles(point, { ...ALL, signal: cancel.signal })))).rejects.toThrow('Enough.');
});

test('names, dates and what is compressed are as they should be', async () => {
  const text = Buffer.alloc(100_000, 'text ');
  const point = new MemoryPoint(FOLDERS, [aFile('f1', 'Übersicht 😀.txt', text), aFile('f2', 'a.jpg', text)]);
  const archive = await buffer(zipOf(exportFiles(point, ALL)));
  expect(archive.length).toBeGreaterThan(100_000);
  expect(archive.length).toBeLessThan(110_000);
  const yauzl = (await import('yauzl')).default;
  const zip = await yauzl.fromBufferPromise(archive, { lazyEntries: true });
  const entries = [];
  for await (const entry of zip.eachEntry()) entries.push(entry);
  const found = entries.find(({ fileName }) => fileName === 'Files/Übersicht 😀.txt');
  expect(found?.getLastModDate().toISOString()).toBe('2025-06-07T08:09:10.000Z');
  expect(entries.map(({ fileName, compressionMethod }) => [fileName, compressionMethod])).toContainEqual([
    'Files/a.jpg',
    0,
  ]);
});
