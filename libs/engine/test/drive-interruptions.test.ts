import { Failure } from '@backhaul/domain';
import { describe, expect, test } from '@jest/globals';
import { objectTask, failureOf, workContext, type FakeDrive } from '../testing/index.ts';
import { contentRequests, contentsOf, done, driveScene, CHAIN } from './drive-scene.ts';
import { failure } from './planned-failure.ts';

/** A scene with twenty more files, and a task that may be attempted several times. */
function longScene() {
  const scene = driveScene();
  for (let n = 0; n < 20; n += 1) scene.drive.addFile(scene.ids.documents, `file-${n}.txt`);
  scene.repository.checkpointEvery = 5;
  let fence = 0;
  const attempt = (work: Parameters<typeof scene.backup>[0] = {}, rest: Parameters<typeof scene.backup>[1] = {}) =>
    scene.backup(work, { task: objectTask({ taskId: 'the-task', fence: (fence += 1) }), ...rest });
  return { ...scene, attempt };
}

/** Calls back when content is asked for the nth time. */
function atContent(drive: FakeDrive, nth: number, act: () => void): void {
  drive.onRequest = ({ kind }) => {
    if (kind !== 'content' || drive.count('content') !== nth) return;
    drive.onRequest = () => undefined;
    act();
  };
}

describe('a backup that is stopped', () => {
  test('leaves a checkpoint, and the next attempt transfers no finished file again', async () => {
    const { drive, repository, attempt } = longScene();
    const stop = new AbortController();
    atContent(drive, 12, () => stop.abort());
    expect((await failureOf(attempt({}, { context: workContext({ signal: stop.signal }) }))).kind).toBe('cancelled');
    expect([repository.points(CHAIN), repository.checkpointsMade > 1]).toEqual([[], true]);
    const before = new Set(contentRequests(drive));
    drive.requests.length = 0;
    const { counts, outcome } = await done(attempt());
    const again = contentRequests(drive).filter((id) => before.has(id));
    // Those that were on their way when it was stopped.
    expect(again.length).toBeLessThanOrEqual(5);
    expect([outcome, counts.itemsNew]).toEqual(['succeeded', 23]);
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });

  test('by the process, with nothing but its last checkpoint, goes on from there', async () => {
    const { drive, repository, attempt } = longScene();
    atContent(drive, 15, () => {
      repository.beforeWrite = () => {
        throw new Failure('internal', { code: 'test.crash', message: 'The process ended.', retry: 'never' });
      };
    });
    await failureOf(attempt());
    repository.beforeWrite = () => undefined;
    drive.requests.length = 0;
    const { counts } = await done(attempt());
    expect(contentRequests(drive).length).toBeLessThanOrEqual(23 - 5);
    expect(counts.itemsNew).toBe(23);
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });

  test('in a full backup does not transfer again what was finished', async () => {
    const { drive, ids, repository, backup, attempt } = longScene();
    await done(backup());
    const full = { forceFull: true };
    drive.requests.length = 0;
    const stop = new AbortController();
    atContent(drive, 12, () => stop.abort());
    await failureOf(attempt(full, { context: workContext({ signal: stop.signal }) }));
    const before = new Set(contentRequests(drive));
    drive.requests.length = 0;
    await done(attempt(full));
    const again = contentRequests(drive);
    expect(again).toContain(ids.plan);
    // Those that were on their way when it was stopped.
    expect(again.filter((id) => before.has(id)).length).toBeLessThanOrEqual(5);
    expect(new Set([...before, ...again]).size).toBe(23);
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });

  test('after all was read starts where the feed had been read to', async () => {
    const { drive, repository, attempt } = longScene();
    repository.beforeWrite = (operation) => {
      if (operation === 'commit') throw failure('unavailable');
    };
    await failureOf(attempt());
    repository.beforeWrite = () => undefined;
    drive.requests.length = 0;
    await done(attempt());
    expect(contentRequests(drive)).toEqual([]);
    expect(drive.count('changes')).toBe(1);
  });

  test('because the lease is lost writes nothing any more', async () => {
    const { drive, repository, attempt } = longScene();
    const stop = new AbortController();
    const lost = new Failure('lease-lost', { code: 'lease.lost', message: 'Lost.', retry: 'never' });
    let made = 0;
    atContent(drive, 12, () => {
      made = repository.checkpointsMade;
      stop.abort(lost);
    });
    expect((await failureOf(attempt({}, { context: workContext({ signal: stop.signal }) }))).kind).toBe('lease-lost');
    expect([repository.points(CHAIN), repository.checkpointsMade - made]).toEqual([[], 0]);
  });

  test('yields with a checkpoint when Microsoft asks to wait longer', async () => {
    const { drive, repository, attempt } = longScene();
    drive.plan({ on: 'content', nth: 8, failure: failure('throttled', 120_000) });
    expect(await attempt()).toMatchObject({ type: 'yielded', notBeforeMs: 120_000 });
    await done(attempt());
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });

  test('yields before it has begun when the drive cannot be asked yet', async () => {
    const { drive, attempt } = longScene();
    drive.plan({ on: 'drive', failure: failure('throttled', 60_000) });
    expect(await attempt()).toMatchObject({ type: 'yielded', notBeforeMs: 60_000 });
  });

  test('yields when somebody else needs the slot', async () => {
    const { drive, repository, attempt } = longScene();
    let asked = 0;
    const shouldYield = () => ((asked += 1) > 10 ? 'A restore waits.' : null);
    expect(await attempt({}, { context: workContext({ shouldYield }) })).toMatchObject({ reason: 'A restore waits.' });
    await done(attempt());
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });
});

describe('what changes during a backup', () => {
  test.each([
    ['a file that is added', (drive: FakeDrive) => void drive.addFile(drive.rootId, 'late.txt')],
    ['a file that is moved', (drive: FakeDrive, id: string) => drive.move(id, drive.rootId)],
    ['a file that is deleted', (drive: FakeDrive, id: string) => drive.remove(id)],
    ['a file that is written', (drive: FakeDrive, id: string) => drive.writeFile(id, 'written late')],
  ])('%s is in the point as it is at the end', async (_what, change) => {
    const { drive, ids, repository, backup } = driveScene();
    atContent(drive, 3, () => change(drive, ids.letter));
    const { outcome } = await done(backup());
    expect(outcome).toBe('succeeded');
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });

  test('is read in so many rounds at most, and the rest by the next backup', async () => {
    const { drive, ids, repository, backup } = driveScene();
    let turn = 0;
    drive.onRequest = ({ kind }) => void (kind === 'changes' && drive.writeFile(ids.notes, `turn ${(turn += 1)}`));
    await done(backup());
    expect(drive.count('changes')).toBe(4);
    drive.onRequest = () => undefined;
    drive.writeFile(ids.notes, 'at last');
    await done(backup());
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });

  test('and cannot be read once more is left to the next backup', async () => {
    const { drive, repository, backup } = driveScene();
    drive.plan({ on: 'changes', nth: 2, failure: failure('unavailable') });
    const { outcome, issues } = await done(backup());
    expect([outcome, issues[0]?.failure.code]).toEqual(['warning', 'drive.closing-round-failed']);
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });
});
