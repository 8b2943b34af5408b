import type { BackupWork } from '@backhaul/domain';
import { describe, expect, test } from '@jest/globals';
import { FakeDrive, fakeDriveSource, failureOf } from '../testing/index.ts';
import { contentRequests, contentsOf, done, driveScene, CHAIN } from './drive-scene.ts';
import { failure } from './planned-failure.ts';

const FULL: Partial<BackupWork> = { changeTracking: { mode: 'full', onError: 'switch-to-proprietary' } };

describe('the feed of changes', () => {
  test('that no longer knows its cursor is read anew with a warning, and nothing is transferred again', async () => {
    const { drive, ids, repository, backup } = driveScene();
    await done(backup());
    drive.remove(ids.letter);
    drive.move(ids.plan, drive.rootId);
    drive.expireCursors();
    drive.requests.length = 0;
    const { outcome, issues, counts } = await done(backup());
    expect(outcome).toBe('warning');
    expect(issues).toMatchObject([{ result: 'degraded', failure: { code: 'change-tracking.re-baselined' } }]);
    expect([contentRequests(drive), counts.itemsDeleted, counts.itemsMoved]).toEqual([[], 1, 1]);
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });

  test.each([1, 2, 3, 4, 5])('may lose its place at page %i and is read from the beginning', async (nth) => {
    const { drive, repository, backup } = driveScene();
    drive.pageSize = 1;
    drive.plan({ on: 'changes', nth, failure: failure('expired') });
    const { outcome } = await done(backup());
    expect([outcome, drive.plannedFaults]).toEqual(['succeeded', []]);
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });

  test('that loses its place again and again is given up for a list of all folders', async () => {
    const { drive, repository, backup } = driveScene();
    for (let n = 0; n < 4; n += 1) drive.plan({ on: 'changes', failure: failure('expired') });
    const { issues, point } = await done(backup());
    expect(issues).toMatchObject([{ failure: { code: 'change-tracking.compared' } }]);
    expect(repository.openPoint(CHAIN).record.containers).toMatchObject([{ method: 'comparison' }]);
    expect([point?.status, await contentsOf(repository.openPoint(CHAIN))]).toEqual(['complete', drive.contents()]);
  });

  test('that fails is replaced by a list of all folders, compared with what is stored', async () => {
    const { drive, ids, repository, backup } = driveScene();
    await done(backup());
    drive.remove(ids.documents);
    drive.writeFile(ids.notes, 'changed');
    drive.plan({ on: 'changes', failure: failure('unavailable') });
    const { outcome, counts } = await done(backup());
    expect([outcome, counts.itemsDeleted, counts.itemsChanged]).toEqual(['warning', 2, 1]);
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });

  test('that fails lets the drive fail where the job says so', async () => {
    const { drive, repository, backup } = driveScene();
    await done(backup());
    drive.plan({ on: 'changes', failure: failure('unavailable') });
    const changeTracking = { mode: 'microsoft', onError: 'fail-object' } as const;
    expect((await failureOf(backup({ changeTracking }))).code).toBe('test.unavailable');
    expect(repository.points(CHAIN)).toHaveLength(1);
  });

  test.each(['unauthenticated', 'forbidden', 'permission-missing'] as const)(
    'that is %s fails the drive, whatever the job says',
    async (kind) => {
      const { drive, repository, backup } = driveScene();
      drive.plan({ on: 'changes', failure: failure(kind) });
      expect((await failureOf(backup())).kind).toBe(kind);
      expect(repository.points(CHAIN)).toEqual([]);
    },
  );

  test('is followed also by a job that compares mailboxes by itself', async () => {
    const { drive, backup } = driveScene();
    const changeTracking = { mode: 'proprietary', onError: 'switch-to-proprietary' } as const;
    await done(backup({ changeTracking }));
    drive.requests.length = 0;
    await done(backup({ changeTracking }));
    expect(drive.requests.map(({ kind }) => kind)).toEqual(['drive', 'changes']);
  });
});

describe('a list of all folders', () => {
  test('that breaks off removes nothing', async () => {
    const { drive, ids, repository, backup } = driveScene();
    await done(backup());
    const before = await contentsOf(repository.openPoint(CHAIN));
    drive.remove(ids.letter);
    drive.plan({ on: 'changes', failure: failure('unavailable') });
    drive.plan({ on: 'children', about: ids.projects, failure: failure('unavailable') });
    expect((await failureOf(backup())).kind).toBe('unavailable');
    expect([repository.points(CHAIN).length, await contentsOf(repository.openPoint(CHAIN))]).toEqual([1, before]);
  });

  test('takes a folder that vanishes in the middle for gone', async () => {
    const { drive, ids, repository, backup } = driveScene();
    await done(backup());
    drive.onRequest = ({ kind, about }) => {
      if (kind === 'children' && about === ids.documents) {
        drive.onRequest = () => undefined;
        drive.remove(ids.documents);
      }
    };
    await done(backup(FULL));
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });
});

describe('a full backup', () => {
  test('transfers every file again and stores nothing twice', async () => {
    const { drive, ids, repository, backup } = driveScene();
    await done(backup());
    drive.requests.length = 0;
    const { counts } = await done(backup(FULL));
    expect(contentRequests(drive).sort()).toEqual([ids.notes, ids.letter, ids.plan].sort());
    expect([counts.itemsNew, counts.itemsChanged, counts.bytesStored]).toEqual([0, 0, 0]);
    expect(repository.openPoint(CHAIN).record.containers).toMatchObject([{ method: 'full', cursor: null }]);
  });

  test('that is forced once leaves a cursor for the next run', async () => {
    const { drive, backup } = driveScene();
    await done(backup());
    await done(backup({ forceFull: true }));
    drive.requests.length = 0;
    await done(backup());
    expect(drive.requests.map(({ kind }) => kind)).toEqual(['drive', 'changes']);
  });

  test('names content that has changed without a word of Microsoft', async () => {
    const { drive, ids, backup } = driveScene();
    await done(backup());
    drive.item(ids.plan).content = Buffer.from('changed in silence');
    const { issues } = await done(backup(FULL));
    expect(issues).toMatchObject([{ itemId: ids.plan, failure: { code: 'drive.change-not-reported' } }]);
  });
});

describe('a drive', () => {
  test('that was made anew is read from the beginning, and that is said', async () => {
    const { drive, repository, backup } = driveScene();
    await done(backup());
    const other = new FakeDrive('drive-2');
    other.addFile(other.rootId, 'fresh.txt');
    const { issues, counts } = await done(backup({}, { source: fakeDriveSource(other) }));
    expect(issues).toMatchObject([{ failure: { code: 'drive.replaced' } }]);
    expect([counts.itemsNew, counts.itemsDeleted]).toEqual([1, 3]);
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(other.contents());
    expect(await contentsOf(repository.openPoint(CHAIN, 1))).toEqual(drive.contents());
  });

  test.each(['not-found', 'forbidden'] as const)('that is %s fails with its reason', async (kind) => {
    const { drive, backup } = driveScene();
    drive.plan({ on: 'drive', failure: failure(kind) });
    expect((await failureOf(backup())).code).toBe(`test.${kind}`);
  });

  test('in which a new folder is told without what lies in it is read whole', async () => {
    const { drive, repository, backup } = driveScene();
    await done(backup());
    const copy = drive.addFolder(drive.rootId, 'Copy');
    const below = drive.addFolder(copy, 'Below');
    const source = fakeDriveSource(drive);
    const lost = new Set([drive.addFile(copy, 'a.txt'), drive.addFile(below, 'b.txt'), below]);
    const forgetful = {
      ...source,
      async *changes(...args: Parameters<typeof source.changes>) {
        for await (const page of source.changes(...args)) {
          yield { ...page, changed: page.changed.filter(({ id }) => !lost.has(id)) };
        }
      },
    };
    await done(backup({}, { source: forgetful }));
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });
});
