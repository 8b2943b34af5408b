import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { roleOf, statedHash, type DriveItem } from '../../src/drive/drive-item.ts';
import type { ContentStream, DriveSource } from '../../src/drive/drive-source.ts';
import { QuickXorHash } from '../../src/drive/quick-xor-hash.ts';
import { failureOf } from '../failure-of.ts';
import type { DriveUnderTest, OpenDriveUnderTest } from './drive-under-test.ts';

const { signal } = new AbortController();
const PLAIN = { sharing: false };
const SOME = Buffer.from('some bytes');
const LARGE = Buffer.alloc(3_000_000, 'and another line of text\n');

/** What every implementation of {@link DriveSource} promises. */
export function driveSourceSuite(name: string, open: OpenDriveUnderTest): void {
  describe(`drive source ${name}`, () => {
    let drive: DriveUnderTest;
    let source: DriveSource;

    beforeEach(async () => {
      drive = await open();
      source = drive.source;
    });
    afterEach(() => drive.close());

    async function walk(cursor: string | null, sharing = false) {
      const changed = new Map<string, DriveItem>();
      const removed = new Set<string>();
      let last: string | undefined;
      for await (const page of source.changes(cursor, { sharing }, signal)) {
        for (const item of page.changed) changed.set(item.id, item);
        for (const { id } of page.removed) {
          changed.delete(id);
          removed.add(id);
        }
        last = page.cursor;
      }
      if (last === undefined) throw new Error('The walk ended without a cursor.');
      return { changed, removed, cursor: last };
    }

    test('knows which drive it is and what its root is', async () => {
      const described = await source.drive(signal);
      expect([described.rootId, described.id === '']).toEqual([drive.rootId, false]);
    });

    describe('changes', () => {
      test('without a cursor are the root and everything below, each with its parent', async () => {
        const folder = await drive.addFolder(drive.rootId, 'Ärger & Co');
        const file = await drive.addFile(folder, 'a.txt', SOME);
        const { changed, removed } = await walk(null);
        expect([...changed.keys()].sort()).toEqual([drive.rootId, folder, file].sort());
        expect(removed.size).toBe(0);
        expect([drive.rootId, folder, file].map((id) => roleOf(changed.get(id)!))).toEqual(['root', 'folder', 'file']);
        expect(changed.get(folder)?.parentReference?.id).toBe(drive.rootId);
        expect(changed.get(file)).toMatchObject({ name: 'a.txt', size: SOME.length, parentReference: { id: folder } });
        expect(statedHash(changed.get(file)!)).toBe(new QuickXorHash().update(SOME).digest());
      });

      test('since a cursor are only what was made, written, renamed, moved or removed', async () => {
        const folder = await drive.addFolder(drive.rootId, 'Folder');
        const ids: Record<string, string> = {};
        for (const file of ['kept', 'written', 'renamed', 'moved', 'removed']) {
          ids[file] = await drive.addFile(drive.rootId, file, Buffer.from(file));
        }
        const { cursor, changed: before } = await walk(null);
        await drive.writeFile(ids['written']!, Buffer.from('anew'));
        await drive.renameItem(ids['renamed']!, 'another name');
        await drive.moveItem(ids['moved']!, folder);
        await drive.removeItem(ids['removed']!);
        const made = await drive.addFile(folder, 'made', SOME);
        const { changed, removed } = await walk(cursor);
        const files = [...changed.values()].filter((item) => roleOf(item) === 'file');
        const told = [ids['written'], ids['renamed'], ids['moved'], made];
        expect(files.map(({ id }) => id).sort()).toEqual(told.sort());
        expect([...removed]).toEqual([ids['removed']]);
        expect(changed.get(ids['moved']!)?.parentReference?.id).toBe(folder);
        expect(changed.get(ids['renamed']!)?.eTag).not.toBe(before.get(ids['renamed']!)?.eTag);
        expect(statedHash(changed.get(ids['renamed']!)!)).toBe(statedHash(before.get(ids['renamed']!)!));
      });

      test('of a renamed folder do not name what lies in it', async () => {
        const folder = await drive.addFolder(drive.rootId, 'Folder');
        const file = await drive.addFile(folder, 'a.txt', SOME);
        const { cursor } = await walk(null);
        await drive.renameItem(folder, 'Renamed');
        const { changed } = await walk(cursor);
        expect(changed.get(folder)?.name).toBe('Renamed');
        expect(changed.has(file)).toBe(false);
      });

      test('are none when nothing happened, and the cursor may be used again', async () => {
        await drive.addFile(drive.rootId, 'a.txt', SOME);
        const { cursor } = await walk(null);
        const first = await walk(cursor);
        expect([...first.changed.values()].filter((item) => roleOf(item) !== 'root')).toEqual([]);
        const added = await drive.addFile(drive.rootId, 'b.txt', SOME);
        for (const from of [cursor, first.cursor]) expect((await walk(from)).changed.has(added)).toBe(true);
      });

      test('from a moment on begin with what happens after it', async () => {
        await drive.addFile(drive.rootId, 'before', SOME);
        const cursor = await source.latest(signal);
        const after = await drive.addFile(drive.rootId, 'after', SOME);
        const { changed } = await walk(cursor);
        expect([...changed.values()].filter((item) => roleOf(item) === 'file').map(({ id }) => id)).toEqual([after]);
      });

      test('since a cursor that is forgotten are expired', async () => {
        const { cursor } = await walk(null);
        await drive.addFile(drive.rootId, 'a.txt', SOME);
        await drive.expireCursors();
        expect((await failureOf(walk(cursor))).kind).toBe('expired');
      });

      test('tell of sharing alone when that is wanted', async () => {
        const file = await drive.addFile(drive.rootId, 'a.txt', SOME);
        const { cursor } = await walk(null, true);
        await drive.shareWithSomebody(file);
        const { changed } = await walk(cursor, true);
        expect(changed.get(file)?.shared).toBeDefined();
      });
    });

    test('children of a folder are what lies in it, not below', async () => {
      const folder = await drive.addFolder(drive.rootId, 'Folder');
      const deeper = await drive.addFolder(folder, 'Deeper');
      const file = await drive.addFile(folder, 'a.txt', SOME);
      await drive.addFile(deeper, 'b.txt', SOME);
      const found: string[] = [];
      for await (const page of source.children(folder, signal)) found.push(...page.map(({ id }) => id));
      expect(found.sort()).toEqual([deeper, file].sort());
    });

    test('an item is described as it is now, and one that is gone is not found', async () => {
      const file = await drive.addFile(drive.rootId, 'a.txt', SOME);
      await drive.renameItem(file, 'b.txt');
      expect(await source.item(file, signal)).toMatchObject({ id: file, name: 'b.txt', size: SOME.length });
      await drive.removeItem(file);
      expect((await failureOf(source.item(file, signal))).kind).toBe('not-found');
      const gone = [];
      const listing = (async () => {
        for await (const page of source.children(file, signal)) gone.push(page);
      })();
      expect((await failureOf(listing)).kind).toBe('not-found');
    });

    describe('content', () => {
      async function listed(id: string): Promise<DriveItem> {
        return (await walk(null)).changed.get(id)!;
      }

      test('is every byte, with the whole length, from the beginning or from any byte on', async () => {
        const id = await drive.addFile(drive.rootId, 'large.bin', LARGE);
        const item = await listed(id);
        const whole = await source.content(item, { offset: 0, ifTag: null }, signal);
        expect(whole.length).toBe(LARGE.length);
        expect((await gathered(whole)).equals(LARGE)).toBe(true);
        const rest = await source.content(whole.item, { offset: 2_999_990, ifTag: whole.item }, signal);
        expect([rest.length, await gathered(rest)]).toEqual([LARGE.length, LARGE.subarray(2_999_990)]);
      });

      test('of a file without bytes is empty', async () => {
        const id = await drive.addFile(drive.rootId, 'empty', Buffer.alloc(0));
        const content = await source.content(await listed(id), { offset: 0, ifTag: null }, signal);
        expect([content.length, (await gathered(content)).length]).toEqual([0, 0]);
      });

      test('is not given on when it has become another one, but is after a new name', async () => {
        const id = await drive.addFile(drive.rootId, 'a.txt', SOME);
        const { item } = await source.content(await source.item(id, signal), { offset: 0, ifTag: null }, signal);
        await drive.renameItem(id, 'b.txt');
        const rest = await source.content(item, { offset: 5, ifTag: item }, signal);
        expect(await gathered(rest)).toEqual(SOME.subarray(5));
        await drive.writeFile(id, Buffer.from('other bytes'));
        const failure = await failureOf(source.content(item, { offset: 5, ifTag: item }, signal));
        expect([failure.kind, failure.code]).toEqual(['precondition', 'drive.changed-meanwhile']);
      });

      test('that breaks off can be gone on with', async () => {
        const id = await drive.addFile(drive.rootId, 'large.bin', LARGE);
        const item = await listed(id);
        await drive.breakTransfer(id);
        const pieces: Uint8Array[] = [];
        const content = await source.content(item, { offset: 0, ifTag: null }, signal);
        const reading = (async () => {
          for await (const piece of content.bytes) pieces.push(piece);
        })();
        expect(['unavailable', 'timed-out']).toContain((await failureOf(reading)).kind);
        const offset = Buffer.concat(pieces).length;
        expect([offset > 0, offset < LARGE.length]).toEqual([true, true]);
        const rest = await source.content(item, { offset, ifTag: content.item }, signal);
        expect(Buffer.concat([...pieces, await gathered(rest)]).equals(LARGE)).toBe(true);
      });

      test('may be left in the middle', async () => {
        const id = await drive.addFile(drive.rootId, 'large.bin', LARGE);
        const { bytes } = await source.content(await listed(id), { offset: 0, ifTag: null }, signal);
        for await (const piece of bytes) {
          expect(piece.length).toBeGreaterThan(0);
          break;
        }
        expect((await source.item(id, signal)).id).toBe(id);
      });

      test('that Microsoft blocks is unreadable, and of a file that is gone is not found', async () => {
        const infected = await drive.addFile(drive.rootId, 'infected.txt', SOME);
        const gone = await drive.addFile(drive.rootId, 'gone.txt', SOME);
        await drive.infect(infected);
        await drive.removeItem(gone);
        const content = (id: string) => failureOf(source.content({ id }, { offset: 0, ifTag: null }, signal));
        expect([(await content(infected)).kind, (await content(gone)).kind]).toEqual(['unreadable', 'not-found']);
      });
    });

    test('versions come newest first, each older one with its bytes', async () => {
      const id = await drive.addFile(drive.rootId, 'a.txt', Buffer.from('first'));
      await drive.writeFile(id, Buffer.from('second!'));
      await drive.writeFile(id, Buffer.from('third'));
      const versions = await source.versions(id, signal);
      expect(versions.map(({ size }) => size)).toEqual([5, 7, 5]);
      const older = await Promise.all(
        versions
          .slice(1)
          .map(async (one) => (await gathered(await source.versionContent(id, one.id, 0, signal))).toString()),
      );
      expect(older).toEqual(['second!', 'first']);
      const rest = await source.versionContent(id, versions[1]!.id, 3, signal);
      expect([rest.length, (await gathered(rest)).toString()]).toEqual([7, 'ond!']);
    });

    test('permissions name those who were let in', async () => {
      const id = await drive.addFile(drive.rootId, 'a.txt', SOME);
      await drive.shareWithSomebody(id);
      const permissions = await source.permissions(id, signal);
      const people = permissions.map(({ grantedToV2 }) => grantedToV2?.user?.email);
      expect(people).toContain(drive.somebody.email);
    });

    test('options of a walk do not change what a walk without them tells', async () => {
      const id = await drive.addFile(drive.rootId, 'a.txt', SOME);
      const ids = [];
      for await (const page of source.changes(null, PLAIN, signal)) ids.push(...page.changed.map((item) => item.id));
      expect(ids).toContain(id);
    });
  });
}

async function gathered({ bytes }: ContentStream): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces);
}
