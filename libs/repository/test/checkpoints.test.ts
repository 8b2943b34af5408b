import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FakeClock } from '@backhaul/domain/testing';
import type { ObjectSession, RepositoryWriter } from '@backhaul/repository';
import {
  aDraft,
  aFolder,
  anItem,
  aTask,
  messageParts,
  pointContents,
  repositoryInMemory,
  type MemoryBlobStore,
  type RepositoryBench,
} from '@backhaul/repository/testing';

let bench: RepositoryBench<MemoryBlobStore>;
let writer: RepositoryWriter;

beforeEach(async () => {
  bench = await repositoryInMemory();
  writer = await (await bench.open()).openWriter();
});
afterEach(async () => {
  await writer.close();
  await bench.close();
});

async function begin(by: RepositoryWriter, fence: number): Promise<ObjectSession> {
  const session = await by.beginObject(aTask({ fence }));
  if ('committed' in session) throw new Error('done already');
  return session;
}

async function namesBelow(prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of bench.store.list(prefix)) names.push(name);
  return names;
}

/** A first attempt of a task that ended after its checkpoint. */
async function attemptUntilCheckpoint(): Promise<void> {
  const session = await begin(writer, 1);
  session.putEntry(aFolder('inbox'));
  await session.putItem(anItem('m1'), messageParts('one'));
  await session.checkpoint({ containers: [], counts: { messages: 1 } });
  await session.abandon();
}

async function contentsOfFirstPoint(): Promise<Record<string, string>> {
  return pointContents(await (await bench.open()).openPoint(aTask().chain, 1), ['inbox']);
}

describe('a checkpoint', () => {
  test('is what the next attempt goes on from', async () => {
    await attemptUntilCheckpoint();
    const session = await begin(writer, 2);
    expect(session.resumed).toEqual({ containers: [], counts: { messages: 1 } });
    await session.putItem(anItem('m2'), messageParts('two'));
    await session.commit(aDraft(), () => undefined);
    expect(await contentsOfFirstPoint()).toMatchObject({ 'inbox/m1/mime': 'one', 'inbox/m2/mime': 'two' });
    expect(await namesBelow('checkpoints/')).toEqual([]);
  });

  test('whose changes are lost is as good as none: the work is done again', async () => {
    await attemptUntilCheckpoint();
    for (const name of await namesBelow('meta/')) await bench.store.remove(name);
    const another = await (await bench.open()).openWriter();
    const session = await begin(another, 2);
    expect(session.resumed).toBeNull();
    session.putEntry(aFolder('inbox'));
    await session.putItem(anItem('m3'), messageParts('three'));
    await session.commit(aDraft(), () => undefined);
    await another.close();
    expect(await contentsOfFirstPoint()).toMatchObject({ 'inbox/m3/mime': 'three' });
  });

  test('asked for by several at once is written one after the other, and the last one stays', async () => {
    const session = await begin(writer, 1);
    session.putEntry(aFolder('inbox'));
    const counts = [1, 2, 3];
    const asked = counts.map(async (messages) => {
      await session.putItem(anItem(`m${messages}`), messageParts(`${messages}`));
      await session.checkpoint({ containers: [], counts: { messages } });
    });
    await Promise.all(asked);
    const [name, ...others] = await namesBelow('checkpoints/');
    expect(others).toEqual([]);
    expect(name).toMatch(/-00000003$/);
    await session.abandon();
  });

  test('is due after a minute of work that changed something, and not again at once', async () => {
    const clock = new FakeClock();
    const timed = await (await bench.open({ clock })).openWriter();
    const session = await begin(timed, 1);
    await clock.advance(61_000);
    expect(session.checkpointIsDue()).toBe(false);
    session.putEntry(aFolder('inbox'));
    expect(session.checkpointIsDue()).toBe(true);
    const written = session.checkpoint({ containers: [], counts: {} });
    await session.putItem(anItem('m1'), messageParts('one'));
    expect(session.checkpointIsDue()).toBe(false);
    await written;
    await session.putItem(anItem('m2'), messageParts('two'));
    expect(session.checkpointIsDue()).toBe(false);
    await clock.advance(60_000);
    expect(session.checkpointIsDue()).toBe(true);
    await session.abandon();
    await timed.close();
  });
});
