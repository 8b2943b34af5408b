import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { BlobInfo, BlobStore } from '../src/blob-store.ts';

/** A store to try, and how to tidy up after it. */
export interface StoreUnderTest {
  store: BlobStore;
  close(): Promise<void>;
}

/** What every implementation of {@link BlobStore} promises. `open` gives an empty store. */
export function blobStoreSuite(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`blob store ${name}`, () => {
    let opened: StoreUnderTest;
    let store: BlobStore;

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close());

    test('gives back what was put, in pieces or in one', async () => {
      await store.put('data/ab/one', [text('first '), text(''), text('second')]);
      await store.put('config', [text('whole')]);
      await store.put('empty', []);
      expect(await read('data/ab/one')).toBe('first second');
      expect(await read('config')).toBe('whole');
      expect(await read('empty')).toBe('');
    });

    test('keeps its own copy of what it was given', async () => {
      const given = text('before');
      const created = text('before');
      await store.put('put', [given]);
      await store.create('created', created);
      given.fill(0);
      created.fill(0);
      expect([await read('put'), await read('created')]).toEqual(['before', 'before']);
      (await store.get('put')).fill(0);
      expect(await read('put')).toBe('before');
    });

    test('gives exactly the bytes of a range', async () => {
      await store.put('object', [text('0123456789')]);
      expect(await read('object', 0, 3)).toBe('012');
      expect(await read('object', 7, 3)).toBe('789');
      expect(await read('object', 4, 0)).toBe('');
    });

    test('calls an object corrupt that is shorter than the range', async () => {
      await store.put('object', [text('0123456789')]);
      await expect(store.get('object', { offset: 8, length: 3 })).rejects.toMatchObject({ kind: 'corrupt' });
      await expect(store.get('object', { offset: 20, length: 1 })).rejects.toMatchObject({ kind: 'corrupt' });
    });

    test('says that there is none of a name', async () => {
      await store.put('points/chain/1', [text('x')]);
      for (const missing of ['config', 'points/other/1', 'points/chain/2', 'points/chain']) {
        expect(await store.stat(missing)).toBeNull();
        await expect(store.get(missing)).rejects.toMatchObject({ kind: 'not-found' });
        await expect(store.get(missing, { offset: 0, length: 1 })).rejects.toMatchObject({ kind: 'not-found' });
        await expect(store.touch(missing)).rejects.toMatchObject({ kind: 'not-found' });
        await store.remove(missing);
      }
      expect(await names('')).toEqual(['points/chain/1']);
    });

    test('creates only what is not there, and changes nothing else', async () => {
      expect(await store.create('points/c/1', text('first'))).toBe('created');
      expect(await store.create('points/c/1', text('second'))).toBe('exists');
      expect(await read('points/c/1')).toBe('first');
      await store.remove('points/c/1');
      expect(await store.create('points/c/1', text('third'))).toBe('created');
    });

    test('has exactly one winner among racing creators, and it is the winner that stays', async () => {
      for (let round = 0; round < 20; round += 1) {
        const name = `points/c/${round}`;
        const outcomes = await Promise.all(
          Array.from({ length: 8 }, (_, racer) => store.create(name, text(`racer ${racer}`))),
        );
        const winners = outcomes.flatMap((outcome, racer) => (outcome === 'created' ? [`racer ${racer}`] : []));
        expect(winners).toHaveLength(1);
        expect(await read(name)).toBe(winners[0]);
      }
      expect(await names('points/')).toHaveLength(20);
    });

    test('lists by prefix in code-unit order of the names, with sizes', async () => {
      const objects = ['a/b', 'a-b', 'a.b/c', 'a0', 'B', 'points/1/2', 'points/1-2', 'points/10/1', 'points/2/1'];
      for (const name of objects) await store.put(name, [text(name)]);
      expect(await list('')).toEqual([...objects].sort().map((name) => ({ name, size: name.length })));
      expect(await names('points/1')).toEqual(['points/1-2', 'points/1/2', 'points/10/1']);
      expect(await names('points/1/')).toEqual(['points/1/2']);
      expect(await names('a')).toEqual(['a-b', 'a.b/c', 'a/b', 'a0']);
      expect(await names('nothing/')).toEqual([]);
    });

    test('lists what stays while some of it is removed', async () => {
      for (const n of [1, 2, 3, 4]) await store.put(`writers/${n}`, [text('x')]);
      const seen: string[] = [];
      for await (const { name } of store.list('writers/')) {
        seen.push(name);
        await store.remove('writers/3');
      }
      expect(seen).toEqual(expect.arrayContaining(['writers/1', 'writers/2', 'writers/4']));
    });

    test('removes an object, and removing it again is no failure', async () => {
      await store.put('writers/1', [text('x')]);
      await store.put('writers/2', [text('x')]);
      await store.remove('writers/1');
      await store.remove('writers/1');
      expect(await names('')).toEqual(['writers/2']);
    });

    test('moves the storage time forward when an object is touched, and leaves its content', async () => {
      await store.put('writers/1', [text('sign of life')]);
      const before = await store.stat('writers/1');
      let after = before;
      // Storage clocks tick in steps of milliseconds, some of seconds.
      for (let tries = 0; tries < 200 && after!.modifiedAt <= before!.modifiedAt; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        await store.touch('writers/1');
        after = await store.stat('writers/1');
      }
      expect(after!.modifiedAt.getTime()).toBeGreaterThan(before!.modifiedAt.getTime());
      expect(after!.size).toBe(before!.size);
      expect(await read('writers/1')).toBe('sign of life');
    });

    async function read(name: string, offset?: number, length?: number): Promise<string> {
      const range = offset === undefined || length === undefined ? undefined : { offset, length };
      return Buffer.from(await store.get(name, range)).toString();
    }

    async function list(prefix: string): Promise<Omit<BlobInfo, 'modifiedAt'>[]> {
      const found: Omit<BlobInfo, 'modifiedAt'>[] = [];
      for await (const { name, size } of store.list(prefix)) found.push({ name, size });
      return found;
    }

    async function names(prefix: string): Promise<string[]> {
      return (await list(prefix)).map((info) => info.name);
    }
  });
}

function text(value: string): Buffer {
  return Buffer.from(value);
}
