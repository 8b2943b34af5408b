import { describe, expect, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import { QuickXorHash, readStoredFile } from '../src/index.ts';
import type { FakeDrive } from '../testing/index.ts';
import { contentsOf, done, driveScene, fileOf, textOf, CHAIN } from './drive-scene.ts';
import { failure } from './planned-failure.ts';

const LARGE = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251));

function offsetsOf(drive: FakeDrive, id: string): number[] {
  return drive.requests.filter(({ kind, about }) => kind === 'content' && about === id).map(({ offset }) => offset);
}

describe('quickXorHash', () => {
  test.each([
    ['', 'AAAAAAAAAAAAAAAAAAAAAAAAAAA='],
    ['a', 'YQAAAAAAAAAAAAAAAQAAAAAAAAA='],
    ['hello', 'aCgDG9jwBgAAAAAABQAAAAAAAAA='],
  ])('of %j is %s', (text, expected) => {
    expect(new QuickXorHash().update(Buffer.from(text)).digest()).toBe(expected);
  });

  test('is the same wherever in memory the bytes lie', () => {
    const memory = Buffer.from(Array.from({ length: 2_000 }, (_, index) => (index * 31) % 256));
    for (let offset = 0; offset < 9; offset += 1) {
      const bytes = memory.subarray(offset, offset + 1_500);
      const hash = new QuickXorHash().update(bytes).digest();
      expect(hash).toBe(new QuickXorHash().update(Uint8Array.from(bytes)).digest());
    }
  });

  test('of 1,024 bytes is the published one, in whatever pieces they come', () => {
    const bytes = Buffer.from(Array.from({ length: 1_024 }, (_, index) => index % 256));
    for (const size of [1, 3, 7, 159, 160, 161, 320, 1_024]) {
      const hash = new QuickXorHash();
      for (let from = 0; from < bytes.length; from += size) hash.update(bytes.subarray(from, from + size));
      expect(hash.digest()).toBe('h7xr2dbCayZCQYR9KKhlwDuT4UI=');
    }
  });
});

describe('a transfer', () => {
  test('that breaks goes on at the byte it had reached', async () => {
    const { drive, repository, backup } = driveScene();
    const id = drive.addFile(drive.rootId, 'large.bin', LARGE);
    drive.plan({ on: 'content', about: id, failure: failure('unavailable'), afterBytes: 100_000 });
    drive.plan({ on: 'content', about: id, failure: failure('expired') });
    const { outcome, counts } = await done(backup());
    expect(offsetsOf(drive, id)).toEqual([0, 100_000, 100_000]);
    const reader = repository.openPoint(CHAIN);
    const stored = await readStoredFile(await fileOf(reader, drive.rootId, id), reader);
    expect(Buffer.from(await reader.readPart(stored!.content)).equals(LARGE)).toBe(true);
    expect([outcome, counts.bytesRead > 300_000, counts.bytesRead < 301_000]).toEqual(['succeeded', true, true]);
  });

  test('that breaks when the file has changed begins anew with what it is by then', async () => {
    const { drive, repository, backup } = driveScene();
    const id = drive.addFile(drive.rootId, 'large.bin', LARGE);
    drive.plan({ on: 'content', about: id, failure: failure('unavailable'), afterBytes: 100_000 });
    drive.onRequest = ({ kind, about, offset }) => {
      if (kind === 'content' && about === id && offset > 0) {
        drive.onRequest = () => undefined;
        drive.writeFile(id, 'another content');
      }
    };
    const { outcome, issues } = await done(backup());
    expect(offsetsOf(drive, id)).toEqual([0, 100_000, 0]);
    expect([outcome, issues]).toEqual(['succeeded', []]);
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });

  test('that breaks again and again without getting on is skipped, named, and tried by the next backup', async () => {
    const { drive, ids, repository, backup } = driveScene();
    const broken = { on: 'content', about: ids.letter, failure: failure('timed-out'), afterBytes: 0 } as const;
    for (let n = 0; n < 6; n += 1) drive.plan({ ...broken });
    const first = await done(backup());
    expect([first.outcome, first.counts.itemsSkipped]).toEqual(['warning', 1]);
    const [issue] = first.issues;
    expect(issue).toMatchObject({ itemId: ids.letter, folderPath: 'Documents', result: 'skipped' });
    expect(issue?.failure.where).toMatchObject({ name: 'letter.txt' });
    const second = await done(backup());
    expect([second.outcome, second.counts.itemsNew, second.issues]).toEqual(['succeeded', 1, []]);
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });
});

describe('content with another hash than stated', () => {
  test('of a file that has changed since it was listed is read once more', async () => {
    const { drive, ids, repository, backup } = driveScene();
    let once = true;
    drive.onRequest = ({ kind, about }) => {
      if (kind === 'item' && about === ids.plan && once) {
        once = false;
        drive.item(ids.plan).statedHash = null;
        drive.writeFile(ids.plan, 'written meanwhile');
      }
    };
    drive.item(ids.plan).statedHash = 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=';
    const { outcome } = await done(backup());
    expect([outcome, once]).toEqual(['succeeded', false]);
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });

  test('that comes twice alike is stored, and the file is named', async () => {
    const { drive, ids, repository, backup } = driveScene();
    drive.item(ids.plan).statedHash = 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=';
    const { issues } = await done(backup());
    expect(issues).toMatchObject([{ itemId: ids.plan, result: 'degraded', failure: { code: 'drive.hash-differs' } }]);
    expect(offsetsOf(drive, ids.plan)).toEqual([0, 0]);
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });

  test('of an Office file is what the service makes of it, and no matter', async () => {
    const { drive, backup } = driveScene();
    const id = drive.addFile(drive.rootId, 'report.docx');
    drive.item(id).statedHash = 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=';
    const { outcome, issues } = await done(backup());
    expect([outcome, issues, offsetsOf(drive, id)]).toEqual(['succeeded', [], [0]]);
  });

  test('is not known where Microsoft states none; then the length decides', async () => {
    const { drive, ids, repository, backup } = driveScene();
    drive.item(ids.plan).statedHash = '';
    expect((await done(backup())).outcome).toBe('succeeded');
    expect((await fileOf(repository.openPoint(CHAIN), ids.projects, ids.plan)).contentHash).toBe('');
  });
});

describe('a file that cannot be read', () => {
  test('because it is blocked as malware is skipped and keeps the state it had before', async () => {
    const { drive, ids, repository, backup } = driveScene();
    await done(backup());
    drive.writeFile(ids.letter, 'infected');
    drive.item(ids.letter).malware = true;
    const { outcome, issues } = await done(backup());
    expect(outcome).toBe('warning');
    expect(issues).toMatchObject([{ itemId: ids.letter, result: 'skipped', failure: { code: 'drive.malware' } }]);
    const reader = repository.openPoint(CHAIN);
    expect(await textOf(reader, await fileOf(reader, ids.documents, ids.letter))).toBe('content of letter.txt');
    expect(reader.record.skipped).toHaveLength(1);
    drive.item(ids.letter).malware = false;
    expect(await done(backup())).toMatchObject({ outcome: 'succeeded', issues: [] });
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });

  test('and is moved is listed where it lies now', async () => {
    const { drive, ids, repository, backup } = driveScene();
    drive.item(ids.letter).malware = true;
    await done(backup());
    drive.move(ids.letter, ids.projects);
    await done(backup());
    const reader = repository.openPoint(CHAIN);
    expect((await fileOf(reader, ids.projects, ids.letter)).id).toBe(ids.letter);
    expect(await reader.get({ containerId: ids.documents, id: ids.letter })).toBeNull();
  });

  test('because it was deleted meanwhile is simply gone', async () => {
    const { drive, ids, repository, backup } = driveScene();
    drive.onRequest = ({ kind, about }) => {
      if (kind === 'content' && about === ids.letter) {
        drive.onRequest = () => undefined;
        drive.remove(ids.letter);
      }
    };
    const { outcome, issues } = await done(backup());
    expect([outcome, issues]).toEqual(['succeeded', []]);
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });

  test('although it is there, as sections of notebooks, is skipped with that reason', async () => {
    const { drive, ids, backup } = driveScene();
    drive.plan({ on: 'content', about: ids.letter, failure: failure('not-found') });
    const { issues } = await done(backup());
    expect(issues).toMatchObject([{ result: 'skipped', failure: { code: 'drive.content-missing' } }]);
  });

  test('is forgotten with its removal', async () => {
    const { drive, ids, repository, backup } = driveScene();
    drive.item(ids.letter).malware = true;
    await done(backup());
    drive.remove(ids.letter);
    expect(await done(backup())).toMatchObject({ outcome: 'succeeded', issues: [] });
    expect(repository.openPoint(CHAIN).record.skipped).toEqual([]);
  });
});
