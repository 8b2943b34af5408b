import { Failure } from '@backhaul/domain';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ItemChanges, ItemProperties, ItemSource, SourceFolder } from '../src/item-source.ts';
import { failureOf } from './failure-of.ts';
import { follow, followedBy, listed } from './followed.ts';
import type { ItemsUnderTest } from './items-under-test.ts';

const { signal } = new AbortController();

/** What every implementation of {@link ItemSource} promises, whatever its kind. */
export function itemSourceSuite(name: string, open: () => Promise<ItemsUnderTest>): void {
  describe(`item source ${name}`, () => {
    let there: ItemsUnderTest;
    let source: ItemSource<ItemProperties>;
    let standard: string;

    beforeEach(async () => {
      there = await open();
      source = there.source;
      const folders = await source.folders(signal);
      standard = folders.find(({ wellKnownName }) => wellKnownName === there.standardFolder)?.id ?? '';
      expect(standard).not.toBe('');
    });
    afterEach(() => there.close());

    async function folder(id: string): Promise<SourceFolder[]> {
      return (await source.folders(signal)).filter((one) => one.id === id);
    }

    async function addItems(folderId: string, count: number): Promise<string[]> {
      const ids: string[] = [];
      for (let n = 0; n < count; n += 1) ids.push(await there.addItem(folderId));
      return ids;
    }

    describe('folders', () => {
      test('are listed once each, under their newest name, until they are gone', async () => {
        const id = await there.addFolder('Ärger & Co');
        expect(await folder(id)).toMatchObject([{ parentId: '', name: 'Ärger & Co', wellKnownName: null }]);
        await there.renameFolder(id, 'Renamed');
        expect(await folder(id)).toMatchObject([{ name: 'Renamed' }]);
        expect(await folder(standard)).toMatchObject([{ parentId: '', wellKnownName: there.standardFolder }]);
        await there.removeFolder(id);
        expect(await folder(id)).toEqual([]);
      });
    });

    describe('changes', () => {
      test('without a cursor are all items of this one folder, with their change keys', async () => {
        const other = await there.addFolder('Other');
        const ids = await addItems(standard, 2);
        await there.addItem(other);
        const { items } = await follow(source, standard);
        expect([...items.keys()].sort()).toEqual([...ids].sort());
        for (const changeKey of items.values()) expect(changeKey).not.toBe('');
      });

      test('of an empty folder are none, and its cursor tells what comes later', async () => {
        const empty = await there.addFolder('Empty');
        const first = await follow(source, empty);
        expect(first.items.size).toBe(0);
        const id = await there.addItem(empty);
        expect([...(await follow(source, empty, first)).items.keys()]).toEqual([id]);
      });

      test('since a cursor bring up to date what came, changed and left since then', async () => {
        const [kept = '', altered = '', gone = ''] = await addItems(standard, 3);
        const before = await follow(source, standard);
        await there.changeItem(altered);
        await there.removeItem(gone);
        const added = await there.addItem(standard);
        const after = await follow(source, standard, before);
        expect([...after.items.keys()].sort()).toEqual([kept, altered, added].sort());
        expect(after.items.get(kept)).toBe(before.items.get(kept));
        expect(after.items.get(altered)).not.toBe(before.items.get(altered));
      });

      test('of a folder in which nothing happened alter nothing and touch nothing', async () => {
        await addItems(standard, 2);
        const before = await follow(source, standard);
        const after = await follow(source, standard, before);
        expect(after.items).toEqual(before.items);
        expect([...after.touched]).toEqual([]);
      });

      test('since the same cursor are told again: whoever crashed has lost nothing', async () => {
        const before = await follow(source, standard);
        const id = await there.addItem(standard);
        const once = await follow(source, standard, before);
        await there.removeItem(await there.addItem(standard));
        const again = await follow(source, standard, before);
        expect([[...once.items.keys()], [...again.items.keys()]]).toEqual([[id], [id]]);
      });

      test('during a walk of several pages are told by it or by the next one; only the last page has a cursor', async () => {
        const ids = await addItems(standard, 25);
        const [altered = '', gone = ''] = [ids[1], ids[20]];
        await there.givePagesBelow(ids.length);
        const pages: ItemChanges<ItemProperties>[] = [];
        let added = '';
        for await (const page of source.changes(standard, null, signal)) {
          pages.push(page);
          if (added !== '') continue;
          await there.changeItem(altered);
          await there.removeItem(gone);
          added = await there.addItem(standard);
        }
        expect(pages.length).toBeGreaterThan(1);
        expect(pages.findIndex(({ cursor }) => cursor !== undefined)).toBe(pages.length - 1);
        const next = await follow(source, standard, followedBy(pages, null));
        expect([...next.items.keys()].sort()).toEqual([...ids, added].filter((id) => id !== gone).sort());
        expect(next.items).toEqual(await listed(source, standard));
      });

      test('since a cursor that was forgotten are refused as expired before anything is told', async () => {
        await there.addItem(standard);
        const known = await follow(source, standard);
        await there.expireCursors();
        const pages = source.changes(standard, known.cursor, signal)[Symbol.asyncIterator]();
        expect(await failureOf(Promise.resolve(pages.next()))).toMatchObject({ kind: 'expired', retry: 'now' });
        expect((await follow(source, standard)).items.size).toBe(1);
      });

      test('since a cursor that was damaged are refused as such, and not for being too old', async () => {
        const damaged = { items: new Map<string, string>(), cursor: '!', touched: new Set<string>() };
        expect(await failureOf(follow(source, standard, damaged))).toMatchObject({ kind: 'invalid-input' });
      });

      test('of a folder that is gone are not found, and its cursor is of no use', async () => {
        const shortLived = await there.addFolder('Short-lived');
        const known = await follow(source, shortLived);
        await there.removeFolder(shortLived);
        expect(await failureOf(follow(source, shortLived))).toMatchObject({ kind: 'not-found' });
        expect(['not-found', 'expired']).toContain((await failureOf(follow(source, shortLived, known))).kind);
      });
    });

    describe('a plain list', () => {
      test('names everything with the same change keys as the changes, page by page', async () => {
        await addItems(standard, 25);
        const { items } = await follow(source, standard);
        await there.givePagesBelow(25);
        expect(await listed(source, standard)).toEqual(items);
        expect(items.size).toBe(25);
      });

      test('of an empty folder names nothing, and that of a folder that is gone is not found', async () => {
        const shortLived = await there.addFolder('Short-lived');
        expect((await listed(source, shortLived)).size).toBe(0);
        await there.removeFolder(shortLived);
        expect(await failureOf(listed(source, shortLived))).toMatchObject({ kind: 'not-found' });
      });

      test('needs nothing of what change tracking remembers', async () => {
        const ids = await addItems(standard, 2);
        await there.expireCursors();
        expect([...(await listed(source, standard)).keys()].sort()).toEqual([...ids].sort());
      });
    });

    test('nothing is asked for any more once the work is stopped, and the reason comes back', async () => {
      const work = new AbortController();
      const reason = new Failure('lease-lost', { code: 'lease.lost', message: 'Taken.', retry: 'never' });
      work.abort(reason);
      const changes = source.changes(standard, null, work.signal)[Symbol.asyncIterator]();
      const list = source.list(standard, work.signal)[Symbol.asyncIterator]();
      for (const asked of [source.folders(work.signal), changes.next(), list.next()]) {
        expect(await failureOf(Promise.resolve<unknown>(asked))).toBe(reason);
      }
    });
  });
}
