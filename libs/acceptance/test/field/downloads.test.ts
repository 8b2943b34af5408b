import { expect, test } from '@jest/globals';
import { isUnread } from '@backhaul/engine';
import { fieldDrive, text, type FieldDrive } from './field-drive.ts';
import { codesOf, fieldScene } from './scene.ts';

/* The content of files: addresses that expire, files that change meanwhile, and files that are not given out. */

const scene = fieldScene();
const DOWNLOAD = '^/download/';
const MEGABYTE = 1024 * 1024;

async function downloadsOf(drive: FieldDrive) {
  return (await scene.requests(drive.id)).filter(({ path }) => path.startsWith('/download/'));
}

test.each([401, 403, 404])('F90 an address that is good no more (%d) is replaced by a fresh one', async (status) => {
  const drive = await fieldDrive(scene);
  await drive.addFile('waited.txt', text('long in the queue'));
  await scene.fault({ pathRegex: DOWNLOAD, mailbox: drive.id, nth: 1 }, { kind: 'status', status });
  expect((await drive.backup()).outcome).toBe('succeeded');
  expect(await drive.differences()).toEqual([]);
  const [old, fresh] = await downloadsOf(drive);
  expect([old?.status, fresh?.status]).toEqual([status, 200]);
  expect(fresh?.path).not.toBe(old?.path);
});

test('F91 a download that breaks after its address has expired goes on at the same byte, from a fresh address', async () => {
  await scene.settings({ drives: { downloadUrlSeconds: 2 } });
  const drive = await fieldDrive(scene);
  await drive.addFile('film.bin', { size: 3 * MEGABYTE, seed: 1 });
  const ofDrive = { pathRegex: DOWNLOAD, mailbox: drive.id };
  await scene.fault({ ...ofDrive, nth: 1 }, { kind: 'reset', afterBytes: MEGABYTE });
  // The address is looked at when the delay is over.
  await scene.fault({ ...ofDrive, nth: 1 }, { kind: 'delay', ms: 2_500 });
  expect((await drive.backup()).outcome).toBe('succeeded');
  expect(await drive.differences()).toEqual([]);
  const downloads = await downloadsOf(drive);
  expect(downloads.map(({ status }) => status)).toEqual([200, 401, 206]);
  expect(downloads.at(-1)?.bytes).toBeLessThanOrEqual(2 * MEGABYTE + 64 * 1024);
  expect(new Set(downloads.map(({ path }) => path)).size).toBe(3);
});

test('F92 a file that is changed between list and download is stored as it is then, with what belongs to it', async () => {
  const drive = await fieldDrive(scene);
  const item = await drive.addFile('report.txt', text('as it was listed'));
  await scene.fault({ pathRegex: DOWNLOAD, mailbox: drive.id, nth: 1 }, { kind: 'status', status: 401 });
  // Root, list, and then the item again.
  const write = { do: 'write-file', drive: drive.id, item, content: text('as it is now') } as const;
  await scene.control.changeAtRequest({ inRequests: 3, edits: [write] });
  expect(await drive.backup()).toMatchObject({ outcome: 'succeeded', counts: { itemsTotal: 1 } });
  expect(await drive.differences()).toEqual([]);
});

test('F93 a file that is changed in the middle of its download is read anew, never pieced together', async () => {
  const drive = await fieldDrive(scene);
  const item = await drive.addFile('video.bin', { size: 2 * MEGABYTE, seed: 1 });
  const ofDrive = { pathRegex: DOWNLOAD, mailbox: drive.id };
  await scene.fault({ ...ofDrive, nth: 1 }, { kind: 'reset', afterBytes: MEGABYTE });
  const write = { do: 'write-file', drive: drive.id, item, content: { size: 2 * MEGABYTE, seed: 2 } } as const;
  await scene.control.changeAtRequest({ inRequests: 3, edits: [write] });
  expect((await drive.backup()).outcome).toBe('succeeded');
  expect(await drive.differences()).toEqual([]);
});

test('F94 a file that vanishes between list and download is no failure', async () => {
  const drive = await fieldDrive(scene);
  const item = await drive.addFile('short-lived.tmp', text('gone in a moment'));
  await drive.addFile('stays.txt', text('stays'));
  await scene.fault({ pathRegex: `${DOWNLOAD}.*${item}`, mailbox: drive.id }, { kind: 'status', status: 404 });
  await scene.control.changeAtRequest({ inRequests: 3, edits: [{ do: 'delete-item', drive: drive.id, item }] });
  expect(await drive.backup()).toMatchObject({ outcome: 'succeeded', issues: [], counts: { itemsTotal: 1 } });
  expect(await drive.differences()).toEqual([]);
});

test('F95 a file that Microsoft flags as malware is named every night, and read as soon as it is clean', async () => {
  const drive = await fieldDrive(scene);
  const item = await drive.addFile('invoice.pdf', text('harmless, in truth'));
  await drive.addFile('beside.txt', text('beside'));
  await drive.edit({ do: 'mark-malware', item });
  for (let night = 1; night <= 2; night += 1) {
    const result = await drive.backup();
    expect(result).toMatchObject({ outcome: 'warning', point: { status: 'complete' }, counts: { itemsSkipped: 1 } });
    expect(result.issues).toMatchObject([{ itemId: item, failure: { code: 'drive.malware' } }]);
    expect(await drive.differences()).toEqual([]);
  }
  await drive.edit({ do: 'mark-malware', item, infected: false });
  expect(await drive.backup()).toMatchObject({ outcome: 'succeeded', counts: { itemsSkipped: 0 } });
  expect(await drive.differences()).toEqual([]);
});

test('F96 malware that only the download tells of costs that file alone', async () => {
  const drive = await fieldDrive(scene);
  const item = await drive.addFile('macro.xls', text('not scanned yet'));
  await drive.addFile('beside.txt', text('beside'));
  await scene.fault(
    { pathRegex: `${DOWNLOAD}.*${item}`, mailbox: drive.id },
    { kind: 'status', status: 403, code: 'malwareDetected' },
  );
  const result = await drive.backup();
  expect(result.issues).toMatchObject([{ itemId: item, result: 'skipped', failure: { code: 'graph.malware' } }]);
  expect((await drive.files()).map((file) => [file.name, isUnread(file)]).sort()).toEqual([
    ['beside.txt', false],
    ['macro.xls', true],
  ]);
});

test('F97 a section of a notebook that is answered with 503 for ever is named, and everything beside it is there', async () => {
  const drive = await fieldDrive(scene);
  const notebook = await drive.edit({ do: 'add-package', name: 'Notes', sectionBytes: 5_000 });
  await drive.addFile('beside.txt', text('beside'));
  await drive.edit({ do: 'mark-unreadable', item: ['Notes', 'Section.one'] });
  const result = await drive.backup();
  expect(result).toMatchObject({ outcome: 'warning', point: { status: 'complete' }, counts: { itemsSkipped: 1 } });
  expect(result.issues[0]?.failure.where).toMatchObject({ name: 'Section.one', containerId: notebook });
  expect(await drive.differences()).toEqual([]);
  await drive.edit({ do: 'mark-unreadable', item: ['Notes', 'Section.one'], unreadable: false });
  expect((await drive.backup()).outcome).toBe('succeeded');
  expect(await drive.differences()).toEqual([]);
});

test('F98 an expired or broken download of one file never fails the drive', async () => {
  const drive = await fieldDrive(scene);
  const item = await drive.addFile('never.bin', { size: 10_000, seed: 1 });
  await drive.addFile('beside.txt', text('beside'));
  await scene.fault({ pathRegex: `${DOWNLOAD}.*${item}`, mailbox: drive.id }, { kind: 'status', status: 403 });
  const result = await drive.backup();
  expect(result).toMatchObject({ outcome: 'warning', point: { status: 'complete' }, counts: { itemsSkipped: 1 } });
  expect(codesOf(result)).toEqual(['graph.download-address-expired']);
  await scene.control.clearFaults();
  expect((await drive.backup()).outcome).toBe('succeeded');
  expect(await drive.differences()).toEqual([]);
});

test('F99 the token goes to Graph alone, never along to where files are downloaded', async () => {
  const drive = await fieldDrive(scene);
  await drive.addFile('a.txt', text('a'));
  await drive.addFile('b.bin', { size: 2 * MEGABYTE, seed: 1 });
  await scene.fault({ pathRegex: DOWNLOAD, mailbox: drive.id, nth: 2 }, { kind: 'reset' });
  expect((await drive.backup()).outcome).toBe('succeeded');
  // The address answers 401 to whoever sends a token along.
  expect((await downloadsOf(drive)).map(({ status }) => status).sort()).toEqual([200, 200, 206]);
});
