import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ItemEntry } from '@backhaul/repository';
import {
  aDraft,
  aFolder,
  anItem,
  aTask,
  FaultyBlobStore,
  messageParts,
  repositoryInMemory,
  SeededRandom,
  type MemoryBlobStore,
  type RepositoryBench,
} from '@backhaul/repository/testing';

const ITEMS = 3000;

let bench: RepositoryBench<MemoryBlobStore>;

beforeEach(async () => {
  bench = await repositoryInMemory();
});
afterEach(() => bench.close());

/** A mailbox of many messages. */
async function backUp(): Promise<void> {
  const random = new SeededRandom(1);
  const repository = await bench.open();
  const writer = await repository.openWriter();
  const session = await writer.beginObject(aTask());
  if ('committed' in session) throw new Error('the task is done already');
  session.putEntry(aFolder('inbox'));
  for (let from = 0; from < ITEMS; from += 100) {
    const batch = Array.from({ length: 100 }, (_, n) => from + n);
    await Promise.all(batch.map((n) => session.putItem(anItem(`m${n}`), messageParts(random.bytes(4000), { n }))));
  }
  await session.commit(aDraft(), () => undefined);
  await writer.close();
}

describe('one item', () => {
  test('is read with a few small reads, not with its mailbox', async () => {
    await backUp();
    const total = [...bench.store.objects.values()].reduce((sum, { content }) => sum + content.length, 0);
    const store = new FaultyBlobStore(bench.store);
    let bytes = 0;
    const get = store.get.bind(store);
    store.get = async (name, range) => {
      const content = await get(name, range);
      if (!name.startsWith('index/')) bytes += content.length;
      return content;
    };
    const repository = await bench.open({ store });
    const point = await repository.openPoint(aTask().chain, 1);
    const item = (await point.get({ containerId: 'inbox', id: 'm1717' })) as ItemEntry;
    const properties = await point.readPart(item.parts.find((part) => part.name === 'properties')!);
    expect(Buffer.from(properties).toString()).toBe('{"n":1717}');

    expect(total).toBeGreaterThan(12_000_000);
    expect(bytes).toBeLessThan(1_000_000);
    const reads = store.calls.filter(({ operation, name }) => operation === 'get' && !name.startsWith('index/'));
    expect(reads.length).toBeLessThanOrEqual(6);

    // What lies beside it costs nothing more.
    const before = store.calls.length;
    const neighbour = (await point.get({ containerId: 'inbox', id: 'm1717' })) as ItemEntry;
    await point.readPart(neighbour.parts[0]!);
    expect(store.calls.length - before).toBeLessThanOrEqual(1);
  });
});

test('the items of a folder are listed from any id on, without reading those before it', async () => {
  await backUp();
  const store = new FaultyBlobStore(bench.store);
  const repository = await bench.open({ store });
  const point = await repository.openPoint(aTask().chain, 1);
  const all: string[] = [];
  for await (const { id } of point.items('inbox')) all.push(id);
  for (const from of ['', all[0]!, all[1_234]!, `${all[1_234]!}x`, all.at(-1)!, '\uffff']) {
    const listed: string[] = [];
    for await (const { id } of point.items('inbox', from)) listed.push(id);
    expect(listed).toEqual(all.filter((id) => id >= from));
  }
});

describe('a restore in storage order', () => {
  test('reads every segment about once', async () => {
    await backUp();
    const store = new FaultyBlobStore(bench.store);
    const repository = await bench.open({ store });
    const point = await repository.openPoint(aTask().chain, 1);
    const items: ItemEntry[] = [];
    for await (const item of point.items('inbox')) items.push(item);
    expect(items).toHaveLength(ITEMS);
    for (let from = 0; from < items.length; from += 500) {
      const window = point.inStorageOrder(items.slice(from, from + 500));
      expect(new Set(window)).toEqual(new Set(items.slice(from, from + 500)));
      for (const item of window) for (const part of item.parts) await point.readPart(part);
    }
    const ranges = store.calls.filter(({ operation, name }) => operation === 'get' && name.startsWith('data/'));
    const segments = Math.ceil((ITEMS * 4010) / (256 * 1024));
    expect(ranges.length).toBeLessThanOrEqual(segments * 1.2 + 2);
  });
});
