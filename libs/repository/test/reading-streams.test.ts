import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { PartRef, PointReader } from '@backhaul/repository';
import { anItem, aTask, messageParts, SeededRandom } from '@backhaul/repository/testing';
import { driveScene, joined, MIB, putWhole, type DriveScene } from './drive-scene.ts';

let scene: DriveScene;

beforeEach(async () => {
  scene = await driveScene();
});
afterEach(() => scene.close());

describe('reading a part as a stream', () => {
  const random = new SeededRandom('reading');
  const attachment = random.bytes(2_500_000).toString('base64').replace(/.{76}/g, '$&\r\n');
  const mime = `Subject: x\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n${attachment}\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n${attachment}\r\n--b--\r\n`;

  async function backUp(): Promise<{ point: PointReader; mail: PartRef; file: PartRef; content: Buffer }> {
    const session = await scene.begin();
    const content = random.bytes(9_000_000);
    const file = await putWhole(session, 'file', content);
    const { parts } = await session.putItem(anItem('m', { containerId: 'drive' }), messageParts(mime));
    return { point: await scene.commit(session), mail: parts[0]!, file, content };
  }

  test('gives its bytes from any offset on', async () => {
    const { point, mail, file, content } = await backUp();
    const texts: [PartRef, Buffer][] = [
      [file, content],
      [mail, Buffer.from(mime)],
    ];
    for (const [part, whole] of texts) {
      const offsets = [0, 1, random.below(whole.length), random.below(whole.length), whole.length - 1, whole.length];
      for (const offset of offsets) {
        const read = await joined(point.streamPart(part, offset));
        expect([part.name, offset, read.equals(whole.subarray(offset))]).toEqual([part.name, offset, true]);
      }
      for (const offset of [-1, 0.5, whole.length + 1]) {
        await expect(joined(point.streamPart(part, offset))).rejects.toMatchObject({ kind: 'invalid-input' });
      }
    }
  });

  test('goes on at an offset without reading what is before it', async () => {
    const { file, content } = await backUp();
    let bytes = 0;
    const get = scene.bench.store.get.bind(scene.bench.store);
    scene.bench.store.get = async (name, range) => {
      if (name.startsWith('data/')) bytes += range!.length;
      return get(name, range);
    };
    const point = await (await scene.bench.open()).openPoint(aTask().chain, 1);
    const read = await joined(point.streamPart(file, content.length - 100));
    expect(read.equals(content.subarray(-100))).toBe(true);
    expect(bytes).toBeGreaterThan(100);
    expect(bytes).toBeLessThan(4.1 * MIB);
  });

  test('never gives a byte that was not stored, wherever the store is damaged', async () => {
    const { file, content } = await backUp();
    for (let round = 0; round < 6; round += 1) {
      const store = scene.bench.store.copy();
      for (const [name, object] of store.objects) {
        if (!name.startsWith('data/')) continue;
        const damaged = Buffer.from(object.content);
        damaged[random.below(damaged.length)]! ^= 1;
        store.objects.set(name, { ...object, content: damaged });
      }
      const point = await (await scene.bench.open({ store })).openPoint(aTask().chain, 1);
      let at = 0;
      const reading = (async () => {
        for await (const piece of point.streamPart(file)) {
          expect(content.subarray(at, at + piece.length).equals(piece)).toBe(true);
          at += piece.length;
        }
      })();
      const failure = await reading.then(
        () => null,
        (error: unknown) => error,
      );
      // The damage may lie in the message beside it.
      if (failure === null) expect(at).toBe(content.length);
      else expect(failure).toMatchObject({ kind: 'corrupt' });
    }
  });

  test('finds out about a part whose chunks are not those that its hash was made of', async () => {
    const { point, mail, file } = await backUp();
    for (const part of [mail, file]) {
      const wrong = { ...part, sha256: '0'.repeat(64) };
      await expect(joined(point.streamPart(wrong))).rejects.toMatchObject({ kind: 'corrupt' });
      const longer = { ...part, length: part.length + 1 };
      await expect(joined(point.streamPart(longer, 1))).rejects.toMatchObject({ kind: 'corrupt' });
    }
  });
});
