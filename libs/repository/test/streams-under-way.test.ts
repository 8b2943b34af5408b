import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { aDraft, aFolder, aTask, SeededRandom } from '@backhaul/repository/testing';
import { aTap, driveScene, inPieces, joined, MIB, putStream, putWhole, type DriveScene } from './drive-scene.ts';

let scene: DriveScene;

beforeEach(async () => {
  scene = await driveScene();
});
afterEach(() => scene.close());

describe('a stream that fails', () => {
  async function* failing(content: Buffer): AsyncGenerator<Uint8Array> {
    await Promise.resolve();
    yield content;
    throw new Error('the connection broke');
  }

  test('fails its put with what it threw, lists nothing, and holds nothing back from the others', async () => {
    const session = await scene.begin();
    // More than all lanes and all memory that may be in flight.
    const content = new SeededRandom(1).bytes(7 * MIB);
    for (let n = 0; n < 24; n += 1) {
      const put = putStream(session, `f${n}`, failing(content.subarray(0, n % 4 === 0 ? 100 : content.length)));
      await expect(put).rejects.toThrow('the connection broke');
    }
    await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        putStream(session, `g${n}`, inPieces(content, new SeededRandom(n), 500_000)),
      ),
    );
    const point = await scene.commit(session);
    expect(point.record).toMatchObject({ itemCount: 12, folderCount: 1 });
    expect(await scene.repository.check({ data: true })).toMatchObject({ damage: [] });
  });
});

describe('while a stream is under way', () => {
  test('a checkpoint takes what is listed and does not wait for it', async () => {
    const session = await scene.begin();
    await putWhole(session, 'short', Buffer.from('short'));
    const tap = aTap();
    const put = putStream(session, 'long', tap.stream);
    tap.give(new SeededRandom(2).bytes(5 * MIB));
    await session.checkpoint({ containers: [], counts: { files: 1 } });
    await session.abandon();
    await expect(put).rejects.toMatchObject({ kind: 'cancelled', code: 'repository.session-abandoned' });

    const again = await scene.begin();
    expect(again.resumed?.counts).toEqual({ files: 1 });
    expect(await again.get({ containerId: 'drive', id: 'short' })).not.toBeNull();
    expect(await again.get({ containerId: 'drive', id: 'long' })).toBeNull();
    await again.abandon();
  });

  test('a commit waits for it', async () => {
    const session = await scene.begin();
    const tap = aTap();
    const content = new SeededRandom(3).bytes(6 * MIB);
    const put = putStream(session, 'long', tap.stream);
    let isCommitted = false;
    const committed = scene.commit(session).finally(() => (isCommitted = true));
    tap.give(content.subarray(0, 5 * MIB));
    // Something else goes all the way meanwhile.
    const other = await scene.writer.beginObject(
      aTask({ chain: { jobId: 'job-1', objectId: 'other' }, taskId: 'other' }),
    );
    if ('committed' in other) throw new Error('done already');
    await other.commit(aDraft(), () => undefined);
    expect(isCommitted).toBe(false);
    tap.give(content.subarray(5 * MIB));
    tap.end();
    const point = await committed;
    expect((await joined(point.streamPart((await put).parts[0]!))).equals(content)).toBe(true);
  });

  test('the end of its session closes it, however many wait for their turn, and the next session goes on', async () => {
    const session = await scene.begin();
    const taps = Array.from({ length: 12 }, () => aTap());
    const puts = taps.map((tap, n) => putStream(session, `f${n}`, tap.stream));
    for (const tap of taps) tap.give(Buffer.alloc(300_000, 'x'));
    const ended = Promise.allSettled(puts);
    await session.abandon();
    expect((await ended).map(({ status }) => status)).toEqual(taps.map(() => 'rejected'));
    expect(taps.map((tap) => tap.isClosed)).toEqual(taps.map(() => true));

    const next = await scene.begin(2);
    const content = new SeededRandom(4).bytes(5 * MIB);
    await Promise.all(taps.map((_, n) => putStream(next, `f${n}`, inPieces(content, new SeededRandom(n), MIB))));
    expect((await scene.commit(next)).record.itemCount).toBe(12);
  });

  test('removing another folder does not wait for it', async () => {
    const session = await scene.begin();
    session.putEntry(aFolder('old', { kind: 'files' }));
    const tap = aTap();
    const put = putStream(session, 'long', tap.stream);
    await session.removeFolder('old');
    tap.end();
    await put;
    expect((await scene.commit(session)).record).toMatchObject({ itemCount: 1, folderCount: 1 });
  });
});
