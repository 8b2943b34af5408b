import { chmod, mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openDiskStore } from '@backhaul/blob-store';
import type { BlobStore } from '@backhaul/repository';
import { blobStoreSuite } from '@backhaul/repository/testing/suites';

async function emptyFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'backhaul-disk-'));
}

blobStoreSuite('on disk', async () => {
  const folder = await emptyFolder();
  return { store: await openDiskStore(folder), close: () => rm(folder, { recursive: true }) };
});

blobStoreSuite('on disk, opened twice', async () => {
  const folder = await emptyFolder();
  const [one, other] = [await openDiskStore(folder), await openDiskStore(folder)];
  let turn = 0;
  const next = () => ((turn += 1) % 2 === 0 ? one : other);
  // Every call goes to the other of two stores, as if two processes shared the folder.
  const store: BlobStore = {
    description: one.description,
    put: (name, content) => next().put(name, content),
    create: (name, content) => next().create(name, content),
    get: (name, range) => next().get(name, range),
    stat: (name) => next().stat(name),
    list: (prefix) => next().list(prefix),
    remove: (name) => next().remove(name),
    touch: (name) => next().touch(name),
  };
  return { store, close: () => rm(folder, { recursive: true }) };
});

describe('a disk store', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await emptyFolder();
  });
  afterEach(async () => {
    await chmod(folder, 0o700).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  });

  /** Everything in the folder, also what a listing of objects leaves out. */
  async function files(): Promise<string[]> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  }

  test('does not open a folder that is missing, and makes none', async () => {
    const missing = join(folder, 'missing');
    await expect(openDiskStore(missing)).rejects.toMatchObject({ kind: 'not-found', where: { path: missing } });
    expect(await readdir(folder)).toEqual([]);
  });

  test('does not open a file', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(openDiskStore(file)).rejects.toMatchObject({
      kind: 'invalid-input',
      code: 'repository.folder-invalid',
      where: { field: 'folder' },
    });
  });

  // The superuser may write everywhere.
  const asOrdinaryUser = process.getuid?.() === 0 ? test.skip : test;

  asOrdinaryUser('does not open a folder that it cannot write', async () => {
    await chmod(folder, 0o500);
    await expect(openDiskStore(folder)).rejects.toMatchObject({
      kind: 'not-writable',
      code: 'repository.not-writable',
    });
  });

  asOrdinaryUser('reports an object that it cannot write, and leaves nothing of it', async () => {
    const store = await openDiskStore(folder);
    await store.put('data/ab/one', [Buffer.from('x')]);
    await chmod(join(folder, 'data', 'ab'), 0o500);
    await expect(store.put('data/ab/two', [Buffer.from('x')])).rejects.toMatchObject({ kind: 'not-writable' });
    await chmod(join(folder, 'data', 'ab'), 0o700);
    expect(await files()).toEqual(['one']);
  });

  test('refuses what would take the last free space, and leaves nothing of it', async () => {
    const store = await openDiskStore(folder, { minFreeBytes: 2 ** 60 });
    const refused = { kind: 'no-space', code: 'repository.no-space', retry: 'later' };
    await expect(store.put('data/ab/pack', [Buffer.alloc(1024)])).rejects.toMatchObject(refused);
    await expect(store.create('config', Buffer.from('x'))).rejects.toMatchObject(refused);
    expect(await files()).toEqual([]);
    expect(await store.stat('config')).toBeNull();
  });

  test('leaves no probe and no half-written file behind', async () => {
    const store = await openDiskStore(folder);
    expect(await files()).toEqual([]);
    await store.put('data/ab/pack', [Buffer.from('x')]);
    await store.create('config', Buffer.from('x'));
    await store.create('config', Buffer.from('y'));
    expect((await files()).sort()).toEqual(['config', 'pack']);
  });

  test('sweeps what dead writers left half-written when it is opened, not what is being written', async () => {
    await mkdir(join(folder, 'data', 'ab'), { recursive: true });
    const old = join(folder, 'data', 'ab', 'dead.tmp');
    const young = join(folder, 'data', 'ab', 'alive.tmp');
    const object = join(folder, 'data', 'ab', 'pack');
    for (const path of [old, young, object]) await writeFile(path, 'half');
    const twoDaysAgo = (await stat(young)).mtimeMs / 1000 - 2 * 24 * 3600;
    for (const path of [old, object]) await utimes(path, twoDaysAgo, twoDaysAgo);

    const store = await openDiskStore(folder);

    expect((await files()).sort()).toEqual(['alive.tmp', 'pack']);
    const listed: string[] = [];
    for await (const { name } of store.list('')) listed.push(name);
    expect(listed).toEqual(['data/ab/pack']);
  });

  test('touches by the time of the file system, whatever time a file had', async () => {
    const store = await openDiskStore(folder);
    await store.put('writers/1', [Buffer.from('alive')]);
    await utimes(join(folder, 'writers', '1'), 1_000_000_000, 1_000_000_000);
    await store.touch('writers/1');
    await store.put('writers/2', [Buffer.from('alive')]);
    const [touched, next] = [await store.stat('writers/1'), await store.stat('writers/2')];
    const aheadMs = touched!.modifiedAt.getTime() - next!.modifiedAt.getTime();
    expect(aheadMs).toBeLessThanOrEqual(0);
    expect(aheadMs).toBeGreaterThan(-60_000);
  });

  test.each(['../escape', '/absolute', 'a//b', '.hidden', 'a/../b', 'a/', ''])(
    'never makes a path of the name %j',
    async (name) => {
      const store = await openDiskStore(folder);
      await expect(store.put(name, [Buffer.from('x')])).rejects.toThrow('Bad object name');
      await expect(store.get(name)).rejects.toThrow('Bad object name');
      expect(await files()).toEqual([]);
    },
  );
});
