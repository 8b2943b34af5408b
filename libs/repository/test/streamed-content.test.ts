import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ItemEntry } from '@backhaul/repository';
import { aDraft, aFile, anItem, aTask, SeededRandom, testSeed } from '@backhaul/repository/testing';
import { driveScene, inPieces, joined, MIB, putStream, putWhole, type DriveScene } from './drive-scene.ts';

let scene: DriveScene;

beforeEach(async () => {
  scene = await driveScene();
});
afterEach(() => scene.close());

describe('streamed content', () => {
  const random = new SeededRandom(testSeed());
  const around = (length: number) => [length - 1, length, length + 1];
  const lengths = [0, 1, ...around(256 * 1024), ...around(2 * MIB), ...around(4 * MIB), 11_000_000];
  const contents: [string, Buffer][] = [
    ...lengths.map((length): [string, Buffer] => [`${length} bytes`, random.bytes(length)]),
    // No boundary but those that the greatest length of a chunk makes.
    ['13 MiB of nothing', Buffer.alloc(13 * MIB)],
  ];

  test.each(contents)('of %s is stored in the same chunks as the whole, whatever its pieces', async (_, content) => {
    const session = await scene.begin();
    const whole = await putWhole(session, 'whole', content);
    for (const upTo of [100_000, 3 * MIB]) {
      const item = await putStream(session, `pieces-${upTo}`, inPieces(content, random, upTo));
      expect(item).toEqual({ ...aFile(`pieces-${upTo}`), size: content.length, parts: [whole] });
    }
    expect(session.written.contentBytes).toBe(3 * content.length);
    await session.abandon();
  });

  test.each([0, 2])('of many streams at once comes back as it was, with %i threads', async (workers) => {
    const threaded = await scene.bench.open({ workers });
    const another = await threaded.openWriter();
    const session = await scene.begin(1, another);
    const files = Array.from({ length: 12 }, (_, n) => random.bytes(n % 3 === 0 ? random.below(9 * MIB) : n * 30_000));
    await Promise.all(
      files.map((content, n) => putStream(session, `f${n}`, inPieces(content, new SeededRandom(n), 200_000))),
    );
    await session.commit(aDraft(), () => undefined);
    await another.close();

    const point = await threaded.openPoint(aTask().chain, 1);
    for (const [n, content] of files.entries()) {
      const item = (await point.get({ containerId: 'drive', id: `f${n}` })) as ItemEntry;
      expect((await joined(point.streamPart(item.parts[0]!))).equals(content)).toBe(true);
    }
    expect(await threaded.check({ data: true })).toMatchObject({ damage: [] });
  });

  test('stands beside parts that are there or kept, in the order in which they were given', async () => {
    const first = await scene.begin();
    const old = await putWhole(first, 'file', Buffer.from('the first version'));
    await scene.commit(first);

    const second = await scene.begin(2);
    const content = random.bytes(3 * MIB);
    const before = second.written.contentBytes;
    const item = await second.putItem(aFile('file'), [
      { name: 'properties', format: 'bytes', content: Buffer.from('{}') },
      { name: 'current', format: 'bytes', content: inPieces(content, random, 100_000) },
      { kept: old },
      { name: 'permissions', format: 'bytes', content: inPieces(Buffer.from('[]'), random, 2) },
    ]);
    expect(item.parts.map(({ name, length }) => [name, length])).toEqual([
      ['properties', 2],
      ['current', content.length],
      ['content', 17],
      ['permissions', 2],
    ]);
    expect(item.size).toBe(content.length + 21);
    expect(second.written.contentBytes - before).toBe(content.length + 4);
    const point = await scene.commit(second);
    expect(Buffer.from(await point.readPart(item.parts[2]!)).toString()).toBe('the first version');
  });

  test('that is MIME is refused, for its attachments are found in the whole alone', async () => {
    const session = await scene.begin();
    const parts = [{ name: 'mime', format: 'mime', content: inPieces(Buffer.from('x'), random, 2) } as const];
    expect(() => void session.putItem(anItem('m'), parts)).toThrow(
      expect.objectContaining({ code: 'repository.entry-invalid', where: { field: 'parts' } }),
    );
  });
});
