import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type {
  Entry,
  ItemEntry,
  ItemListing,
  MessageEntry,
  ObjectSession,
  PointReader,
  Repository,
  RepositoryWriter,
} from '@backhaul/repository';
import {
  aContact,
  aContainer,
  aDraft,
  aFile,
  aFolder,
  anEvent,
  anItem,
  aTask,
  messageParts,
  repositoryInMemory,
  SeededRandom,
  type MemoryBlobStore,
  type RepositoryBench,
} from '@backhaul/repository/testing';

let bench: RepositoryBench<MemoryBlobStore>;
let repository: Repository;
let writer: RepositoryWriter;

beforeEach(async () => {
  bench = await repositoryInMemory();
  repository = await bench.open();
  writer = await repository.openWriter();
});

afterEach(async () => {
  await writer.close();
  await bench.close();
});

async function begin(changes: Parameters<typeof aTask>[0] = {}): Promise<ObjectSession> {
  const begun = await writer.beginObject(aTask(changes));
  if ('committed' in begun) throw new Error('the task is done already');
  return begun;
}

async function commit(session: ObjectSession): Promise<PointReader> {
  const outcome = await session.commit(aDraft({ containers: [aContainer()] }), () => undefined);
  if (outcome.type !== 'committed') throw new Error(outcome.type);
  return repository.openPoint(outcome.point, outcome.point.sequence);
}

async function itemsOf(point: PointReader | ObjectSession, containerId: string): Promise<ItemEntry[]> {
  const items: ItemEntry[] = [];
  for await (const item of point.items(containerId)) items.push(item);
  return items;
}

describe('a backup', () => {
  test('gives back every byte that was put in, in a repository opened anew', async () => {
    const random = new SeededRandom(1);
    const contents = [0, 1, 4096, 150_000, 3_000_000].map((length) => random.bytes(length));
    const session = await begin();
    session.putEntry(aFolder('inbox', { wellKnownName: 'inbox' }));
    await Promise.all(
      contents.map((content, index) => session.putItem(anItem(`m${index}`), messageParts(content, { index }))),
    );
    await commit(session);

    const again = await bench.open();
    const point = await again.openPoint(aTask().chain, 1);
    expect(await point.folders()).toEqual([aFolder('inbox', { wellKnownName: 'inbox' })]);
    const items = await itemsOf(point, 'inbox');
    expect(items.map((item) => item.id)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
    for (const [index, item] of items.entries()) {
      const [mime, properties] = item.parts;
      expect(Buffer.compare(await point.readPart(mime!), contents[index]!)).toBe(0);
      expect(Buffer.from(await point.readPart(properties!)).toString()).toBe(JSON.stringify({ index }));
    }
    expect(point.record).toMatchObject({ itemCount: 5, folderCount: 1, sequence: 1, base: 0 });
    expect(await again.check({ data: true })).toMatchObject({ damage: [], affectedPoints: [], points: 1 });
  });

  test('of a later task sees the base and changes only what it touches', async () => {
    const first = await begin();
    first.putEntry(aFolder('inbox'));
    for (const id of ['a', 'b', 'c']) await first.putItem(anItem(id), messageParts(`text of ${id}`));
    await commit(first);

    const second = await begin({ taskId: 'task-2', fence: 2 });
    expect(second.base?.containers[0]?.cursor).toBe(aContainer().cursor);
    const b = (await second.get({ containerId: 'inbox', id: 'b' })) as MessageEntry;
    second.putEntry({ ...b, isRead: true });
    second.remove({ containerId: 'inbox', id: 'a' });
    await second.putItem(anItem('d'), messageParts('text of d'));
    expect((await itemsOf(second, 'inbox')).map((item) => item.id)).toEqual(['b', 'c', 'd']);
    const point = await commit(second);

    expect((await itemsOf(point, 'inbox')).map((item) => [item.id, (item as MessageEntry).isRead])).toEqual([
      ['b', true],
      ['c', false],
      ['d', false],
    ]);
    const old = await repository.openPoint(aTask().chain, 1);
    expect((await itemsOf(old, 'inbox')).map((item) => item.id)).toEqual(['a', 'b', 'c']);
    expect((await repository.points(aTask().chain)).map((record) => record.sequence)).toEqual([1, 2]);
  });

  test('without changes writes one object, the point record', async () => {
    const first = await begin();
    await first.putItem(anItem('a'), messageParts('text'));
    await commit(first);
    const before = new Set(bench.store.objects.keys());

    await commit(await begin({ taskId: 'task-2', fence: 2 }));

    const added = [...bench.store.objects.keys()].filter((name) => !before.has(name));
    expect(added).toEqual([expect.stringMatching(/^points\/[0-9a-f]{32}\/0000000002$/)]);
    expect(await repository.check({ data: true })).toMatchObject({ damage: [], points: 2 });
  });

  test('removes a folder with all that is in it, and what is put there afterwards stays', async () => {
    const first = await begin();
    first.putEntry(aFolder('inbox'));
    first.putEntry(aFolder('old'));
    for (let n = 0; n < 600; n += 1) void first.putItem(anItem(`m${n}`, { containerId: 'old' }), messageParts(`${n}`));
    await first.putItem(anItem('kept'), messageParts('kept'));
    await commit(first);

    const second = await begin({ taskId: 'task-2', fence: 2 });
    await second.removeFolder('old');
    expect(await second.get({ containerId: 'old', id: 'm1' })).toBeNull();
    second.putEntry(aFolder('old'));
    await second.putItem(anItem('new', { containerId: 'old' }), messageParts('new'));
    const point = await commit(second);

    expect((await itemsOf(point, 'old')).map((item) => item.id)).toEqual(['new']);
    expect((await itemsOf(point, 'inbox')).map((item) => item.id)).toEqual(['kept']);
    expect(point.record).toMatchObject({ itemCount: 2, folderCount: 2 });
  });
});

describe('an entry', () => {
  test('comes back with every field it had, whatever its kind', async () => {
    const folder: Entry = aFolder('f', { name: 'Büro 📁', parentId: 'p', wellKnownName: '', hidden: true });
    const session = await begin();
    session.putEntry(folder);
    const listings: ItemListing[] = [
      anItem('i', { subject: 'Grüße', isRead: true, hasAttachments: true, changeKey: '' }),
      aContact('c', { name: 'Grüße', company: '' }),
      anEvent('e', { isSeries: true, hasAttachments: true, endsAt: '' }),
      anEvent('single'),
      aFile('f', { name: 'Büro 📁.xlsx', contentHash: 'aCgDG9jwBgAAAAAABQAAAAAAAAA=' }),
    ];
    const put = await Promise.all(listings.map((listing) => session.putItem(listing, messageParts('x'))));
    expect(put).toEqual(listings.map((listing, n) => ({ ...listing, size: 3, parts: put[n]!.parts })));
    for (const entry of [folder, ...put]) expect(await session.get(entry)).toEqual(entry);
    const point = await commit(session);
    for (const entry of [folder, ...put]) expect(await point.get(entry)).toEqual(entry);
    expect(await point.get({ containerId: 'inbox', id: 'missing' })).toBeNull();
  });

  test('keeps parts that are stored already, without a transfer', async () => {
    const first = await begin();
    const { parts } = await first.putItem(anItem('a'), messageParts('the message', { version: 1 }));
    await commit(first);

    const second = await begin({ taskId: 'task-2', fence: 2 });
    const properties = { name: 'properties', format: 'bytes', content: Buffer.from('{"version":2}') } as const;
    const item = await second.putItem(anItem('a', { changeKey: 'new' }), [{ kept: parts[0]! }, properties]);
    expect(item).toMatchObject({ changeKey: 'new', size: 24, parts: [parts[0], { name: 'properties', length: 13 }] });
    expect(second.written.contentBytes).toBe(13);
    const twice = [{ kept: parts[0]! }, { name: 'mime', format: 'bytes', content: Buffer.from('x') } as const];
    expect(() => void second.putItem(anItem('a'), twice)).toThrow(expect.objectContaining({ kind: 'invalid-input' }));
    const point = await commit(second);
    expect(Buffer.from(await point.readPart(item.parts[0]!)).toString()).toBe('the message');
  });

  test('of a folder has parts too, which stay when it is renamed', async () => {
    const permissions = { name: 'permissions', format: 'bytes', content: Buffer.from('[1]') } as const;
    const { parts: _none, ...listing } = aFolder('drive', { kind: 'files' });
    const first = await begin();
    const folder = await first.putFolder(listing, [permissions]);
    expect(folder).toMatchObject({ ...listing, parts: [{ name: 'permissions', length: 3 }] });
    await commit(first);

    const second = await begin({ taskId: 'task-2', fence: 2 });
    second.putEntry({ ...folder, name: 'renamed' });
    const point = await commit(second);
    const [renamed] = await point.folders();
    expect(renamed).toEqual({ ...folder, name: 'renamed' });
    expect(Buffer.from(await point.readPart(renamed!.parts[0]!)).toString()).toBe('[1]');
    expect(point.record).toMatchObject({ itemCount: 0, folderCount: 1 });
  });

  test('whose recipes are long has them outside of the tree, and keeps them there', async () => {
    const random = new SeededRandom(2);
    // Every attachment is a chunk of its own.
    const attached = (n: number) =>
      `Content-Transfer-Encoding: base64\r\n\r\n${random.bytes(900 + n).toString('base64')}`;
    const mime = Array.from({ length: 800 }, (_, n) => `--b\r\n${attached(n)}`.replace(/.{76}/g, '$&\r\n')).join(
      '\r\n',
    );
    const first = await begin();
    const { parts } = await first.putItem(anItem('a'), messageParts(mime));
    expect(parts[0]!.recipe).toHaveProperty('recipeChunks');
    await commit(first);

    const second = await begin({ taskId: 'task-2', fence: 2 });
    const { parts: kept } = await second.putItem(anItem('a'), [{ kept: parts[0]! }]);
    expect(kept).toEqual([parts[0]]);
    const point = await commit(second);
    expect(Buffer.from(await point.readPart(kept[0]!)).toString()).toBe(mime);
  });

  test('that could not be told apart from another is refused', async () => {
    const session = await begin();
    expect(() => session.putEntry(aFolder('\ud800'))).toThrow(expect.objectContaining({ kind: 'invalid-input' }));
    expect(() => void session.putItem(anItem('a', { containerId: '' }), [])).toThrow(
      expect.objectContaining({ code: 'repository.entry-invalid' }),
    );
  });
});
