import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDiskStore } from '@backhaul/blob-store';
import { aDraft, aFile, aFolder, aTask, repositoryBench, SeededRandom } from '@backhaul/repository/testing';

const MIB = 1024 * 1024;
const FILE_BYTES = 320 * MIB;
const PIECE_BYTES = 128 * 1024;
/** What the process may take more than before. Most of it is what the collector leaves for later, and packs on their way. */
const BOUND = 280 * MIB;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-large-file-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a file much larger than the memory it takes is stored and read back', async () => {
  const bench = await repositoryBench(await openDiskStore(folder));
  const repository = await bench.open({ workers: 2 });
  const writer = await repository.openWriter();
  const before = process.memoryUsage.rss();
  let most = before;
  const look = () => (most = Math.max(most, process.memoryUsage.rss()));
  const hash = createHash('sha256');
  async function* file(): AsyncGenerator<Uint8Array> {
    const random = new SeededRandom('large file');
    for (let at = 0; at < FILE_BYTES; at += PIECE_BYTES) {
      const piece = random.bytes(PIECE_BYTES);
      hash.update(piece);
      look();
      yield piece;
      await Promise.resolve();
    }
  }
  const session = await writer.beginObject(aTask());
  if ('committed' in session) throw new Error('the task is done already');
  session.putEntry(aFolder('drive', { kind: 'files' }));
  const item = await session.putItem(aFile('large'), [{ name: 'content', format: 'bytes', content: file() }]);
  await session.commit(aDraft(), () => undefined);
  await writer.close();
  const sha256 = hash.digest('hex');
  expect(item.parts).toMatchObject([{ length: FILE_BYTES, sha256 }]);

  const point = await repository.openPoint(aTask().chain, 1);
  const read = createHash('sha256');
  for await (const piece of point.streamPart(item.parts[0]!)) {
    read.update(piece);
    look();
  }
  expect(read.digest('hex')).toBe(sha256);
  expect(most - before).toBeLessThan(BOUND);
  await bench.close();
});
