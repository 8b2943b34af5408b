import type { RestoreWork } from '@backhaul/domain';
import { describe, expect, test } from '@jest/globals';
import { restoreDrive, type RestoreDriveInput } from '../src/index.ts';
import { failureOf, FakeDrive, fakeDriveTarget, restoreWork, workContext } from '../testing/index.ts';
import { CHAIN, done, driveScene } from './drive-scene.ts';
import { failure } from './planned-failure.ts';

type Scene = ReturnType<typeof driveScene>;

/** Restores the newest point of a scene; whoever calls it twice goes on with the same restore. */
function restoring(
  scene: Scene,
  into: FakeDrive,
  work: Partial<RestoreWork> = {},
  rest: Partial<RestoreDriveInput> = {},
) {
  return restoreDrive({
    target: fakeDriveTarget(into),
    point: scene.repository.openPoint(CHAIN),
    work: restoreWork(work),
    context: workContext(),
    ...rest,
  });
}

/** A scene whose drive is backed up. */
async function backedUp(prepare: (scene: Scene) => void = () => undefined, include = {}): Promise<Scene> {
  const scene = driveScene();
  prepare(scene);
  const extras = { recoverableItems: false, fileVersions: false, filePermissions: false, ...include };
  await done(scene.backup({ include: extras }));
  return scene;
}

describe('a restore of a drive', () => {
  test('brings everything back into another drive, with bytes and dates', async () => {
    const scene = await backedUp();
    const other = new FakeDrive('other');
    const { outcome, counts, issues } = await done(restoring(scene, other));
    expect(other.contents()).toEqual(scene.drive.contents());
    expect([outcome, counts.itemsRestored, issues]).toEqual(['succeeded', 3, []]);
    const notes = other.childrenOf(other.rootId).find(({ name }) => name === 'notes.txt');
    expect(notes?.dates).toMatchObject(seconds(scene.drive.item(scene.ids.notes).dates));
  });

  test('puts what is missing back to where it was, and leaves the rest alone', async () => {
    const scene = await backedUp();
    const before = scene.drive.contents();
    scene.drive.remove(scene.ids.letter);
    scene.drive.remove(scene.ids.projects);
    const { counts } = await done(restoring(scene, scene.drive));
    expect(scene.drive.contents()).toEqual(before);
    expect([counts.itemsRestored, counts.itemsSkipped]).toEqual([2, 1]);
  });

  test('finds a folder of the same drive that was renamed and moved', async () => {
    const scene = await backedUp();
    scene.drive.rename(scene.ids.projects, 'Renamed');
    scene.drive.move(scene.ids.projects, scene.drive.rootId);
    scene.drive.remove(scene.ids.plan);
    await done(restoring(scene, scene.drive));
    expect(scene.drive.contents()).toMatchObject({ 'Renamed/plan.txt': 'content of plan.txt' });
    expect(Object.keys(scene.drive.contents())).not.toContain('Documents/Projects/');
  });

  test('finds folders of another drive by their path without regard to case', async () => {
    const scene = await backedUp();
    const other = new FakeDrive('other');
    other.addFolder(other.rootId, 'DOCUMENTS');
    await done(restoring(scene, other));
    expect(other.contents()).toMatchObject({ 'DOCUMENTS/letter.txt': 'content of letter.txt' });
    expect(other.childrenOf(other.rootId).map(({ name }) => name)).toEqual(['DOCUMENTS', 'notes.txt']);
  });

  test('below a new top folder looks at nothing outside of it', async () => {
    const scene = await backedUp();
    const placement = { type: 'new-folder', name: 'Restored 2026-11-25' } as const;
    await done(restoring(scene, scene.drive, { placement }));
    expect(scene.drive.contents()).toMatchObject({
      'Restored 2026-11-25/notes.txt': 'content of notes.txt',
      'Restored 2026-11-25/Documents/Projects/plan.txt': 'content of plan.txt',
      'notes.txt': 'content of notes.txt',
    });
  });

  test('of one folder brings what is below it; of single files only these', async () => {
    const scene = await backedUp();
    const [one, two] = [new FakeDrive('one'), new FakeDrive('two')];
    await done(restoring(scene, one, { selection: { type: 'folders', folderIds: [scene.ids.projects] } }));
    expect(one.contents()).toEqual({
      'Documents/': '',
      'Documents/Projects/': '',
      'Documents/Projects/plan.txt': 'content of plan.txt',
    });
    const items = [{ folderId: scene.ids.documents, itemId: scene.ids.letter }];
    await done(restoring(scene, two, { selection: { type: 'items', items } }));
    expect(two.contents()).toEqual({ 'Documents/': '', 'Documents/letter.txt': 'content of letter.txt' });
  });

  test('names what was selected and is not in the point', async () => {
    const scene = await backedUp();
    const items = [{ folderId: scene.ids.documents, itemId: 'gone' }];
    const { issues, counts } = await done(
      restoring(scene, new FakeDrive('other'), { selection: { type: 'items', items } }),
    );
    expect(issues).toMatchObject([{ itemId: 'gone', result: 'failed', failure: { code: 'restore.not-in-point' } }]);
    expect([counts.itemsTotal, counts.itemsFailed]).toEqual([1, 1]);
  });

  test('of a file without bytes makes one', async () => {
    const scene = await backedUp(({ drive }) => void drive.addFile(drive.rootId, 'empty', ''));
    const other = new FakeDrive('other');
    await done(restoring(scene, other));
    expect(other.contents()).toEqual(scene.drive.contents());
  });

  test('into a drive that is full fails as a whole', async () => {
    const scene = await backedUp();
    const other = new FakeDrive('other');
    other.capacity = 5;
    expect((await failureOf(restoring(scene, other))).kind).toBe('quota');
  });

  test('makes a folder of a notebook and says so, also where the notebook still is', async () => {
    const scene = await backedUp(({ drive }) => {
      drive.addFile(drive.addFolder(drive.rootId, 'Notes', 'notebook'), 'First.one', 'a section');
    });
    const { issues } = await done(restoring(scene, scene.drive));
    expect(issues).toMatchObject([
      { result: 'degraded', failure: { code: 'restore.notebook-as-folder' } },
      ...Array.from({ length: 3 }, () => ({ result: 'skipped' })),
    ]);
    const [beside] = scene.drive
      .childrenOf(scene.drive.rootId)
      .filter(({ name }) => name.startsWith('Notes (restored'));
    expect(scene.drive.contents(beside?.id)).toEqual({ 'First.one': 'a section' });
  });

  test('of a name that OneDrive refuses today uses a name like it, and says so', async () => {
    const scene = await backedUp(({ drive }) => void drive.addFile(drive.rootId, 'a:b?.txt', 'odd'));
    const other = new FakeDrive('other');
    const { issues } = await done(restoring(scene, other));
    expect(other.contents()).toMatchObject({ 'a_b_.txt': 'odd' });
    expect(issues).toMatchObject([{ result: 'degraded', failure: { code: 'restore.renamed' } }]);
  });
});

describe('a file whose name is taken', () => {
  async function collide(collision: RestoreWork['collision'], there = 'another content') {
    const scene = await backedUp();
    const { dates } = scene.drive.item(scene.ids.notes);
    scene.drive.writeFile(scene.ids.notes, there);
    scene.drive.setDates(scene.ids.notes, dates);
    const items = [{ folderId: scene.drive.rootId, itemId: scene.ids.notes }];
    const work = { collision, selection: { type: 'items', items } } as const;
    const result = await done(restoring(scene, scene.drive, work));
    const names = scene.drive.childrenOf(scene.drive.rootId).filter(({ kind }) => kind === 'file');
    return { ...result, scene, work, files: names.map(({ name, content }) => [name, content.toString()]) };
  }

  test.each(['skip', 'only-missing'] as const)('is left out with %s, and that is said', async (rule) => {
    const { files, issues } = await collide(rule);
    expect(files).toEqual([['notes.txt', 'another content']]);
    expect(issues).toMatchObject([{ result: 'skipped', failure: { code: 'restore.other-version-there' } }]);
  });

  test('becomes the newest version with replace', async () => {
    const { files, scene, counts } = await collide('replace');
    expect(files).toEqual([['notes.txt', 'content of notes.txt']]);
    expect(scene.drive.item(scene.ids.notes).versions).toHaveLength(2);
    expect(counts.itemsRestored).toBe(1);
  });

  test('is written beside with keep-both, once however often the restore is repeated', async () => {
    const { files, scene, work } = await collide('keep-both');
    expect(files).toEqual([
      [expect.stringMatching(/^notes \(restored [0-9a-f]{8}\)\.txt$/), 'content of notes.txt'],
      ['notes.txt', 'another content'],
    ]);
    await done(restoring(scene, scene.drive, work));
    expect(scene.drive.childrenOf(scene.drive.rootId)).toHaveLength(3);
  });

  test('gets the dates of the point with replace, when only these differ', async () => {
    const scene = await backedUp();
    const { lastModifiedDateTime } = scene.drive.item(scene.ids.notes).dates;
    scene.drive.setDates(scene.ids.notes, { lastModifiedDateTime: '2020-02-02T02:02:02Z' });
    await done(restoring(scene, scene.drive, { collision: 'replace' }));
    expect(Date.parse(scene.drive.item(scene.ids.notes).dates.lastModifiedDateTime ?? '')).toBe(
      Date.parse(lastModifiedDateTime ?? ''),
    );
  });

  test.each(['skip', 'only-missing', 'replace', 'keep-both'] as const)(
    'by the same content is left as it is with %s',
    async (rule) => {
      const { files, issues } = await collide(rule, 'content of notes.txt');
      expect(files).toEqual([['notes.txt', 'content of notes.txt']]);
      expect(issues).toMatchObject([{ result: 'skipped', failure: { code: 'restore.already-there' } }]);
    },
  );

  test('by a folder fails with replace', async () => {
    const scene = await backedUp();
    const other = new FakeDrive('other');
    other.addFolder(other.rootId, 'notes.txt');
    const { issues } = await done(restoring(scene, other, { collision: 'replace' }));
    expect(issues).toMatchObject([{ result: 'failed', failure: { code: 'restore.name-taken' } }]);
  });
});

describe('a restore that was interrupted', () => {
  test('goes on and doubles nothing', async () => {
    const scene = await backedUp();
    const other = new FakeDrive('other');
    const stop = new AbortController();
    other.onRequest = ({ kind }) => void (kind === 'write' && other.count('write') === 2 && stop.abort());
    await failureOf(restoring(scene, other, {}, { context: workContext({ signal: stop.signal }) }));
    other.onRequest = () => undefined;
    await done(restoring(scene, other, { collision: 'keep-both' }));
    expect(other.contents()).toEqual(scene.drive.contents());
  });

  test('looks for a file whose answer was lost, and for one that was not written writes it once more', async () => {
    const scene = await backedUp();
    const other = new FakeDrive('other');
    other.plan({ on: 'write', nth: 1, failure: failure('unavailable'), answerLost: true });
    other.plan({ on: 'write', nth: 2, failure: failure('unavailable') });
    const { outcome } = await done(restoring(scene, other));
    expect([outcome, other.plannedFaults]).toEqual(['succeeded', []]);
    expect(other.contents()).toEqual(scene.drive.contents());
  });

  test('takes Office files that the service has rewritten for its own by their dates', async () => {
    const scene = await backedUp(({ drive }) => void drive.addFile(drive.rootId, 'report.docx'));
    const other = new FakeDrive('other');
    other.rewrites = (name) => name.endsWith('.docx');
    const first = await done(restoring(scene, other, { collision: 'keep-both' }));
    expect([first.outcome, first.issues]).toEqual(['succeeded', []]);
    await done(restoring(scene, other, { collision: 'keep-both' }));
    expect(other.childrenOf(other.rootId).map(({ name }) => name)).toEqual(['Documents', 'notes.txt', 'report.docx']);
  });

  test('yields when Microsoft asks to wait longer than the slot may be held', async () => {
    const scene = await backedUp();
    const other = new FakeDrive('other');
    other.plan({ on: 'write', failure: failure('throttled', 90_000) });
    expect(await restoring(scene, other)).toMatchObject({ type: 'yielded', notBeforeMs: 90_000 });
  });
});

describe('read back after the restore', () => {
  test('a file that came out with other bytes is named', async () => {
    const scene = await backedUp();
    const other = new FakeDrive('other');
    other.rewrites = (name) => name === 'letter.txt';
    const { outcome, issues, counts } = await done(restoring(scene, other));
    expect(outcome).toBe('warning');
    expect(issues).toMatchObject([
      {
        itemId: scene.ids.letter,
        result: 'degraded',
        failure: { code: 'restore.differs', where: { members: 'size' } },
      },
    ]);
    expect([counts.itemsRestored, counts.itemsDegraded]).toEqual([2, 1]);
  });

  test('nothing is downloaded as long as hashes are stated', async () => {
    const scene = await backedUp();
    const other = new FakeDrive('other');
    await done(restoring(scene, other));
    expect(other.count('content')).toBe(0);
  });

  test('not more folders are listed than files are to be looked at', async () => {
    const scene = await backedUp();
    const other = new FakeDrive('other');
    await done(restoring(scene, other, {}, { verifyUpTo: 1 }));
    const listedBefore = 3;
    expect(other.count('children') - listedBefore).toBe(1);
  });
});

describe('extras of a restore', () => {
  test('versions come back from the oldest on, and a half-made file is made anew', async () => {
    const scene = await backedUp(
      ({ drive, ids }) => {
        drive.writeFile(ids.notes, 'second');
        drive.writeFile(ids.notes, 'third');
      },
      { fileVersions: true },
    );
    const include = { fileVersions: true, filePermissions: false };
    const other = new FakeDrive('other');
    other.plan({ on: 'rename', failure: failure('forbidden') });
    await failureOf(restoring(scene, other, { include }));
    await done(restoring(scene, other, { include }));
    const notes = other.childrenOf(other.rootId).find(({ name }) => name === 'notes.txt');
    const texts = [...(notes?.versions ?? []), notes].map((one) => Buffer.from(one?.content ?? []).toString());
    expect(texts).toEqual(['content of notes.txt', 'second', 'third']);
    expect(other.contents()).toEqual(scene.drive.contents());
  });

  const grant = (name: string, domain = 'example.com') => ({
    id: `p-${name}`,
    roles: ['write'],
    grantedToV2: { user: { email: `${name}@${domain}` } },
  });

  test('permissions are made again, and only once', async () => {
    const scene = await backedUp(
      ({ drive, ids }) => {
        drive.share(ids.documents, [grant('ada')]);
        drive.share(ids.letter, [
          grant('bob'),
          { id: 'link', roles: ['read'], link: { type: 'view', scope: 'organization' } },
        ]);
      },
      { filePermissions: true },
    );
    const include = { fileVersions: false, filePermissions: true };
    const other = new FakeDrive('other');
    await done(restoring(scene, other, { include }));
    await done(restoring(scene, other, { include }));
    const [documents] = other.childrenOf(other.rootId);
    const letter = other.childrenOf(documents?.id ?? '').find(({ name }) => name === 'letter.txt');
    expect(documents?.permissions).toMatchObject([
      { roles: ['write'], grantedToV2: { user: { email: 'ada@example.com' } } },
    ]);
    expect(letter?.permissions).toMatchObject([
      { link: { type: 'view', scope: 'organization' } },
      { roles: ['write'], grantedToV2: { user: { email: 'bob@example.com' } } },
    ]);
  });

  test('permissions that cannot be made again are named', async () => {
    const scene = await backedUp(
      ({ drive, ids }) => {
        drive.share(ids.letter, [
          grant('stranger', 'elsewhere.org'),
          { id: 'l', link: { type: 'view', scope: 'anonymous' }, hasPassword: true },
          { id: 'g', roles: ['read'], grantedToV2: { siteGroup: { id: '5', displayName: 'Visitors' } } },
          { id: 'o', roles: ['owner'], grantedToV2: { user: { email: 'owner@example.com' } } },
        ]);
      },
      { filePermissions: true },
    );
    const include = { fileVersions: false, filePermissions: true };
    const { issues } = await done(restoring(scene, new FakeDrive('other'), { include }));
    expect(issues).toMatchObject([{ itemId: scene.ids.letter, result: 'degraded' }]);
    const message = issues[0]?.failure.message ?? '';
    for (const named of ['stranger@elsewhere.org', 'password', 'Visitors']) expect(message).toContain(named);
    expect(message).not.toContain('owner@example.com');
  });
});

function seconds(dates: { createdDateTime?: string; lastModifiedDateTime?: string }) {
  return {
    createdDateTime: new Date(dates.createdDateTime ?? '').toISOString(),
    lastModifiedDateTime: new Date(dates.lastModifiedDateTime ?? '').toISOString(),
  };
}
