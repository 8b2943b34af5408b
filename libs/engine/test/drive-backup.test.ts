import { describe, expect, test } from '@jest/globals';
import { readStoredFile, readStoredPermissions } from '../src/index.ts';
import { contentRequests, contentsOf, done, driveScene, fileOf, filesOf, CHAIN } from './drive-scene.ts';
import { failure } from './planned-failure.ts';

describe('the first backup of a drive', () => {
  test('holds every folder and file at its path, with its bytes, dates and hash', async () => {
    const { drive, ids, repository, backup } = driveScene();
    const { outcome, counts, issues, point } = await done(backup());
    const reader = repository.openPoint(CHAIN);
    expect(await contentsOf(reader)).toEqual(drive.contents());
    expect([outcome, issues, counts.itemsNew, counts.itemsTotal]).toEqual(['succeeded', [], 3, 3]);
    expect(point).toMatchObject({ status: 'complete', kinds: ['files'], itemCount: 3 });
    const letter = await fileOf(reader, ids.documents, ids.letter);
    const described = drive.describe(drive.item(ids.letter));
    expect(letter).toMatchObject({
      name: 'letter.txt',
      contentHash: described.file?.hashes?.quickXorHash,
      createdAt: new Date(described.fileSystemInfo?.createdDateTime ?? '').toISOString(),
      modifiedAt: new Date(described.fileSystemInfo?.lastModifiedDateTime ?? '').toISOString(),
    });
    expect((await readStoredFile(letter, reader))?.properties).toMatchObject({ id: ids.letter, name: 'letter.txt' });
  });

  test('holds files without bytes and names of every kind', async () => {
    const { drive, repository, backup } = driveScene();
    const odd = drive.addFolder(drive.rootId, 'Ärger & Co #1 100%');
    drive.addFile(odd, 'empty', '');
    drive.addFile(odd, '𝕱ile 家 ñ.txt');
    drive.addFile(odd, 'x'.repeat(255));
    await done(backup());
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });

  test('counts the bytes of all its parts', async () => {
    const { drive, ids, repository, backup } = driveScene();
    await done(backup());
    const reader = repository.openPoint(CHAIN);
    const folders = [drive.rootId, ids.documents, ids.projects];
    const files = (await Promise.all(folders.map((id) => filesOf(reader, id)))).flat();
    expect(reader.record.bytesTotal).toBe(files.reduce((sum, { size }) => sum + size, 0));
  });

  test('follows no shortcut to another drive, and says once how many there are', async () => {
    const { drive, repository, backup } = driveScene();
    drive.addFolder(drive.rootId, 'Shared with me', 'shortcut');
    const { outcome, issues } = await done(backup());
    expect(outcome).toBe('warning');
    expect(issues).toMatchObject([
      { result: 'skipped', failure: { code: 'drive.shortcuts-left-out', where: { count: '1' } } },
    ]);
    expect(Object.keys(await contentsOf(repository.openPoint(CHAIN)))).not.toContain('Shared with me/');
  });

  test('holds the sections of a notebook as files in a folder', async () => {
    const { drive, repository, backup } = driveScene();
    const notebook = drive.addFolder(drive.rootId, 'Notes', 'notebook');
    drive.addFile(notebook, 'First.one', 'a section');
    await done(backup());
    expect(await contentsOf(repository.openPoint(CHAIN))).toMatchObject({
      'Notes/': '',
      'Notes/First.one': 'a section',
    });
  });
});

describe('a later backup', () => {
  test('of a drive without changes asks for two things and transfers nothing', async () => {
    const { drive, repository, backup } = driveScene();
    await done(backup());
    drive.requests.length = 0;
    const { counts, point } = await done(backup());
    expect(drive.requests.map(({ kind }) => kind)).toEqual(['drive', 'changes']);
    expect([counts.bytesRead, counts.itemsTotal, point?.sequence]).toEqual([0, 3, 2]);
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });

  test('transfers what is new and what has another content, and nothing else', async () => {
    const { drive, ids, repository, backup } = driveScene();
    await done(backup());
    drive.requests.length = 0;
    drive.writeFile(ids.plan, 'another plan');
    const added = drive.addFile(ids.documents, 'new.txt');
    const { counts } = await done(backup());
    expect(contentRequests(drive).sort()).toEqual([added, ids.plan].sort());
    expect([counts.itemsNew, counts.itemsChanged, counts.itemsDeleted]).toEqual([1, 1, 0]);
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });

  test('takes over the content of what was renamed, moved or got other dates', async () => {
    const { drive, ids, repository, backup } = driveScene();
    await done(backup());
    drive.requests.length = 0;
    drive.rename(ids.notes, 'renamed.txt');
    drive.move(ids.letter, ids.projects);
    drive.setDates(ids.plan, { lastModifiedDateTime: '2020-02-02T02:02:02Z' });
    const { counts } = await done(backup());
    expect(contentRequests(drive)).toEqual([]);
    expect([counts.itemsNew, counts.itemsMoved, counts.itemsChanged, counts.itemsDeleted]).toEqual([0, 1, 2, 0]);
    const reader = repository.openPoint(CHAIN);
    expect(await contentsOf(reader)).toEqual(drive.contents());
    expect((await fileOf(reader, ids.projects, ids.plan)).modifiedAt).toBe('2020-02-02T02:02:02.000Z');
  });

  test('of a renamed and moved folder writes one entry, and its files stay where they are', async () => {
    const { drive, ids, repository, backup } = driveScene();
    await done(backup());
    drive.requests.length = 0;
    drive.rename(ids.projects, 'Renamed');
    drive.move(ids.projects, drive.rootId);
    const { counts } = await done(backup());
    expect(contentRequests(drive)).toEqual([]);
    expect([counts.itemsMoved, counts.itemsChanged]).toEqual([0, 0]);
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });

  test.each([true, false])('removes a deleted folder with all below it (descendants told: %s)', async (told) => {
    const { drive, ids, repository, backup } = driveScene();
    await done(backup());
    drive.tellsOfDescendants = told;
    drive.remove(ids.documents);
    const { counts, outcome } = await done(backup());
    expect([counts.itemsDeleted, counts.itemsTotal, outcome]).toEqual([2, 1, 'succeeded']);
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual({ 'notes.txt': 'content of notes.txt' });
  });

  test('keeps what was moved out of a folder before that was deleted', async () => {
    const { drive, ids, repository, backup } = driveScene();
    await done(backup());
    drive.tellsOfDescendants = false;
    drive.move(ids.letter, drive.rootId);
    drive.move(ids.projects, drive.rootId);
    drive.remove(ids.documents);
    drive.requests.length = 0;
    await done(backup());
    expect(contentRequests(drive)).toEqual([]);
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });

  test('takes a folder that was deleted and made again under the same name for a new one', async () => {
    const { drive, ids, repository, backup } = driveScene();
    await done(backup());
    drive.remove(ids.documents);
    const again = drive.addFolder(drive.rootId, 'Documents');
    drive.addFile(again, 'letter.txt', 'written anew');
    const { counts } = await done(backup());
    expect([counts.itemsNew, counts.itemsDeleted]).toEqual([1, 2]);
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });

  test('forgets a file that was made and deleted between two backups', async () => {
    const { drive, repository, backup } = driveScene();
    await done(backup());
    drive.remove(drive.addFile(drive.rootId, 'short-lived.txt'));
    const { counts } = await done(backup());
    expect([counts.itemsNew, counts.itemsDeleted]).toEqual([0, 0]);
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });

  test('leaves earlier points as they were', async () => {
    const { drive, ids, repository, backup } = driveScene();
    const before = drive.contents();
    await done(backup());
    drive.writeFile(ids.notes, 'changed');
    drive.move(ids.plan, drive.rootId);
    await done(backup());
    expect(await contentsOf(repository.openPoint(CHAIN, 1))).toEqual(before);
  });
});

describe('older versions', () => {
  const include = { recoverableItems: false, fileVersions: true, filePermissions: false };

  test('are stored newest first, and later backups transfer only those that are new', async () => {
    const { drive, ids, repository, backup } = driveScene();
    drive.writeFile(ids.notes, 'second');
    drive.writeFile(ids.notes, 'third');
    await done(backup({ include }));
    expect(await versionsOf(repository.openPoint(CHAIN), drive.rootId, ids.notes)).toEqual([
      'third',
      'second',
      'content of notes.txt',
    ]);
    drive.writeFile(ids.notes, 'fourth');
    drive.writeFile(ids.notes, 'fifth');
    drive.requests.length = 0;
    await done(backup({ include }));
    // 'third' is stored already: it was the current content then.
    expect(drive.count('versionContent')).toBe(1);
    expect(await versionsOf(repository.openPoint(CHAIN), drive.rootId, ids.notes)).toEqual([
      'fifth',
      'fourth',
      'third',
      'second',
      'content of notes.txt',
    ]);
  });

  test('are added without another transfer of the content when the option is switched on later', async () => {
    const { drive, ids, repository, backup } = driveScene();
    drive.writeFile(ids.plan, 'second');
    await done(backup());
    drive.requests.length = 0;
    await done(backup({ include }));
    expect(contentRequests(drive)).toEqual([]);
    expect(await versionsOf(repository.openPoint(CHAIN), ids.projects, ids.plan)).toEqual([
      'second',
      'content of plan.txt',
    ]);
  });

  test('that cannot be had are named, and the rest is stored', async () => {
    const { drive, ids, repository, backup } = driveScene();
    for (const text of ['second', 'third']) drive.writeFile(ids.plan, text);
    drive.plan({ on: 'versionContent', about: ids.plan, failure: failure('unreadable') });
    const { issues } = await done(backup({ include }));
    expect(issues).toMatchObject([{ itemId: ids.plan, result: 'degraded', failure: { code: 'drive.version-unread' } }]);
    expect(await versionsOf(repository.openPoint(CHAIN), ids.projects, ids.plan)).toEqual([
      'third',
      'content of plan.txt',
    ]);
  });

  async function versionsOf(
    reader: ReturnType<ReturnType<typeof driveScene>['repository']['openPoint']>,
    folderId: string,
    id: string,
  ) {
    const stored = await readStoredFile(await fileOf(reader, folderId, id), reader);
    if (stored === null) return [];
    const parts = [stored.content, ...stored.versions.map(({ content }) => content)];
    return Promise.all(parts.map(async (part) => Buffer.from(await reader.readPart(part)).toString('utf8')));
  }
});

describe('permissions', () => {
  const include = { recoverableItems: false, fileVersions: false, filePermissions: true };
  const grant = (id: string, more: object = {}) => ({
    id,
    roles: ['read'],
    grantedToV2: { user: { email: `${id}@example.com` } },
    ...more,
  });

  test('are asked of shared items only, and stored without inherited ones', async () => {
    const { drive, ids, repository, backup } = driveScene();
    drive.share(ids.documents, [grant('ada')]);
    drive.share(ids.letter, [grant('ada'), grant('bob'), grant('eve', { inheritedFrom: { id: 'x' } })]);
    await done(backup({ include }));
    expect(drive.count('permissions')).toBe(2);
    const reader = repository.openPoint(CHAIN);
    const folder = (await reader.folders()).find(({ id }) => id === ids.documents);
    expect(await readStoredPermissions(folder!, reader)).toEqual([grant('ada')]);
    expect(await readStoredPermissions(await fileOf(reader, ids.documents, ids.letter), reader)).toEqual([
      grant('bob'),
    ]);
  });

  test('that change alone are noticed, and those that end are forgotten, without a transfer', async () => {
    const { drive, ids, repository, backup } = driveScene();
    drive.share(ids.letter, [grant('ada')]);
    await done(backup({ include }));
    drive.requests.length = 0;
    drive.share(ids.letter, []);
    drive.share(ids.plan, [grant('bob')]);
    await done(backup({ include }));
    expect([drive.count('permissions'), contentRequests(drive)]).toEqual([1, []]);
    const reader = repository.openPoint(CHAIN);
    expect(await readStoredPermissions(await fileOf(reader, ids.documents, ids.letter), reader)).toEqual([]);
    expect(await readStoredPermissions(await fileOf(reader, ids.projects, ids.plan), reader)).toEqual([grant('bob')]);
  });

  test('that may not be read are said once, and everything else is backed up', async () => {
    const { drive, ids, repository, backup } = driveScene();
    for (const id of [ids.letter, ids.plan]) drive.share(id, [grant('ada')]);
    drive.plan({ on: 'permissions', failure: failure('forbidden') });
    const { issues } = await done(backup({ include }));
    expect(issues).toMatchObject([{ result: 'degraded', failure: { code: 'drive.permissions-unread' } }]);
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual(drive.contents());
  });
});
