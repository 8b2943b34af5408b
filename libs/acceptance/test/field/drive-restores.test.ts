import { expect, test } from '@jest/globals';
import type { FaultMatch } from '@backhaul/graph-simulator';
import { fieldDrive, text, type FieldDrive } from './field-drive.ts';
import { codesOf, fieldScene } from './scene.ts';

/* Restores of drives: what must not be lost, not be doubled, and not be heard of. */

const scene = fieldScene();
const MEGABYTE = 1024 * 1024;

/** A backed-up drive with a folder, a small file and an empty one; the larger one takes three fragments. */
async function source({ withLarge = false } = {}): Promise<FieldDrive> {
  const drive = await fieldDrive(scene);
  const folder = await drive.addFolder('Reports');
  await drive.addFile('small.txt', text('small'), folder);
  await drive.addFile('empty.txt', text(''), folder);
  if (withLarge) await drive.addFile('large.bin', { size: 12 * MEGABYTE, seed: 1 });
  await drive.backup();
  return drive;
}

test('F130 a drive that is full ends the restore with that reason, and it goes on when there is room', async () => {
  const drive = await source({ withLarge: true });
  const into = await fieldDrive(scene);
  await into.edit({ do: 'set-drive-quota', quota: MEGABYTE });
  await expect(drive.restore(into.id)).rejects.toMatchObject({ kind: 'quota', code: 'graph.quota' });
  await into.edit({ do: 'set-drive-quota', quota: 1024 * MEGABYTE });
  expect((await drive.restore(into.id)).outcome).toBe('succeeded');
  expect(await into.contents()).toEqual(await drive.contents());
});

test.each<[string, FaultMatch, number]>([
  ['F131 a lost answer to an empty file is looked up, not repeated', { method: 'PUT', pathRegex: '/content' }, 1],
  ['F132 a lost answer to a new folder leaves one folder', { method: 'POST', pathRegex: '/children$' }, 1],
  [
    'F133 a lost answer to any fragment of an upload doubles no byte and no file',
    { method: 'PUT', pathRegex: '^/upload/' },
    3,
  ],
])('%s', async (_name, match, times) => {
  const drive = await source({ withLarge: times > 1 });
  for (let nth = 1; nth <= times; nth += 1) {
    const into = await fieldDrive(scene);
    await scene.fault({ ...match, mailbox: into.id, nth }, { kind: 'lost-answer' });
    const result = await drive.restore(into.id);
    expect((await scene.control.faults()).at(-1)?.applied).toBe(1);
    expect(result).toMatchObject({ outcome: 'succeeded', counts: { itemsFailed: 0 } });
    expect(await into.contents()).toEqual(await drive.contents());
    // What the service has already it refuses once, and then it is asked what it wants.
    expect((await scene.requests(into.id)).filter(({ status }) => status === 416).length).toBeLessThan(2);
  }
});

test('F134 an upload session that is lost in the middle is begun anew', async () => {
  const drive = await source({ withLarge: true });
  const into = await fieldDrive(scene);
  await scene.fault(
    { pathRegex: '^/upload/', method: 'PUT', mailbox: into.id, nth: 2 },
    { kind: 'status', status: 404 },
  );
  expect(await drive.restore(into.id)).toMatchObject({ outcome: 'succeeded', counts: { itemsFailed: 0 } });
  expect(await into.contents()).toEqual(await drive.contents());
  const uploads = (await scene.requests(into.id)).filter(({ path }) => path.startsWith('/upload/'));
  // Who sends the token along is answered 401.
  expect(uploads.filter(({ status }) => status === 401)).toEqual([]);
});

/** How many requests to Graph a restore makes up to the first of this kind. */
async function requestsUpTo(drive: FieldDrive, kind: (path: string) => boolean): Promise<number> {
  const probe = await fieldDrive(scene);
  await drive.restore(probe.id);
  const asked = (await scene.requests(probe.id)).filter(({ path }) => path.startsWith('/v1.0/'));
  return asked.findIndex(({ method, path }) => method === 'POST' && kind(path)) + 1;
}

test('F135 a folder that somebody else makes in the same moment is used, not doubled', async () => {
  const drive = await source();
  const inRequests = await requestsUpTo(drive, (path) => path.endsWith('/children'));
  const into = await fieldDrive(scene);
  const edits = [{ do: 'add-drive-folder', drive: into.id, name: 'Reports' } as const];
  await scene.control.changeAtRequest({ inRequests, edits });
  expect((await drive.restore(into.id)).outcome).toBe('succeeded');
  expect((await scene.control.appliedChanges()).at(-1)?.error).toBe(null);
  expect(await into.contents()).toEqual(await drive.contents());
});

test('F136 a file that somebody else makes in the same moment stays theirs, and ours is named', async () => {
  const drive = await source();
  const inRequests = await requestsUpTo(drive, (path) => path.includes('small.txt'));
  const into = await fieldDrive(scene);
  const theirs = { parent: ['Reports'], name: 'small.txt', content: text('theirs') };
  await scene.control.changeAtRequest({ inRequests, edits: [{ do: 'add-file', drive: into.id, ...theirs }] });
  const result = await drive.restore(into.id);
  expect((await scene.control.appliedChanges()).at(-1)?.error).toBe(null);
  expect(result.issues).toMatchObject([{ result: 'failed', failure: { kind: 'conflict' } }]);
  const named = (await into.contents()).filter((line) => line.includes('small.txt'));
  expect(named).toMatchObject([expect.stringContaining(' 6 ')]);
  expect(await into.contents()).toHaveLength((await drive.contents()).length);
});

test('F137 an Office file that the service rewrites on arrival is restored, not taken for damaged, and not written again', async () => {
  const drive = await fieldDrive(scene);
  await drive.addFile('report.docx', { size: 50_000, seed: 4 });
  await drive.backup();
  await scene.settings({ drives: { rewriteOfficeFiles: 1 } });
  const into = await fieldDrive(scene);
  expect(await drive.restore(into.id)).toMatchObject({ outcome: 'succeeded', counts: { itemsRestored: 1 } });
  const [before] = await drive.contents();
  const after = await into.contents();
  expect(after).toHaveLength(1);
  expect(after).not.toEqual([before]);
  expect((await drive.restore(into.id, { restoreId: 'again' })).counts).toMatchObject({ itemsSkipped: 1 });
  expect(await into.contents()).toEqual(after);
});

test('F138 permissions come back without a mail to anybody, and who is unknown is named', async () => {
  const drive = await source();
  const [small] = (await drive.files()).filter(({ name }) => name === 'small.txt');
  const { userPrincipalName: colleague } = await scene.control.addUser();
  await drive.edit({
    do: 'set-permissions',
    item: small?.id ?? '',
    permissions: [
      { roles: ['write'], user: colleague },
      { roles: ['read'], link: { type: 'view', scope: 'organization' } },
    ],
  });
  await drive.backup({ include: { recoverableItems: false, fileVersions: false, filePermissions: true } });
  const sent = await scene.control.sent();
  const into = await fieldDrive(scene);
  const include = { filePermissions: true, fileVersions: false };
  const result = await drive.restore(into.id, { include });
  expect(result.counts).toMatchObject({ itemsFailed: 0 });
  const { items } = await scene.control.driveTruth({ user: into.id });
  const granted = items.find(({ path }) => path.at(-1) === 'small.txt')?.permissions ?? [];
  expect(granted.filter(({ inherited }) => !inherited).map(({ grantedTo, link }) => grantedTo ?? link?.type)).toEqual(
    expect.arrayContaining([colleague.toLowerCase(), 'view']),
  );
  expect(await scene.control.sent()).toEqual(sent);
});

test('F139 a drive that is locked for writing fails the restore with what it is, and nothing is written', async () => {
  const drive = await source();
  const into = await fieldDrive(scene);
  await into.edit({ do: 'set-drive-access', access: 'read-only' });
  await expect(drive.restore(into.id)).rejects.toMatchObject({ kind: 'forbidden' });
  await into.edit({ do: 'set-drive-access', access: 'open' });
  expect(await into.contents()).toEqual([]);
  expect(codesOf(await drive.restore(into.id))).toEqual([]);
});
