import { expect, test } from '@jest/globals';
import { driveOf, fieldDrive, text, type FieldDrive } from './field-drive.ts';
import { codesOf, fieldScene } from './scene.ts';

/* Drives as a whole: what their one list of changes tells, leaves out, and forgets. */

const scene = fieldScene({ mailboxes: 2, messages: 0, drives: 2, files: 24, fileBytes: 24_000, seed: 3 });

/** `Project/Plans/plan.txt` and a file beside. */
async function smallTree(): Promise<FieldDrive & { project: string; plans: string; plan: string }> {
  const drive = await fieldDrive(scene);
  const project = await drive.addFolder('Project');
  const plans = await drive.addFolder('Plans', project);
  const plan = await drive.addFile('plan.txt', text('the plan'), plans);
  await drive.addFile('beside.txt', text('beside'));
  return { ...drive, project, plans, plan };
}

function downloads(requests: readonly { path: string }[]): number {
  return requests.filter(({ path }) => path.startsWith('/download/')).length;
}

test('F70 a folder deleted and made again under its name in one round is new, and what was in the old one is gone', async () => {
  const drive = await smallTree();
  await drive.backup();
  await drive.edit({ do: 'delete-item', item: drive.project });
  const project = await drive.addFolder('Project');
  await drive.addFile('plan.txt', text('another plan'), project);
  const { outcome, counts } = await drive.backup();
  expect(outcome).toBe('succeeded');
  expect(counts).toMatchObject({ itemsNew: 1, itemsDeleted: 1, itemsTotal: 2 });
  expect(await drive.differences()).toEqual([]);
});

test('F71 a deleted folder takes all below it along, whether or not that is told, and nothing gone has a name', async () => {
  for (const omitDeletedDescendants of [0, 1]) {
    await scene.settings({ drives: { omitDeletedDescendants } });
    const drive = await smallTree();
    await drive.backup();
    await drive.edit({ do: 'delete-item', item: drive.project });
    const { counts } = await drive.backup();
    expect(counts).toMatchObject({ itemsDeleted: 1, itemsTotal: 1 });
    expect((await drive.point().folders()).map(({ name }) => name)).toEqual(['root']);
    expect(await drive.differences()).toEqual([]);
  }
});

test('F72 a folder renamed and moved is told alone, and all below it is at its new path without being fetched', async () => {
  const drive = await smallTree();
  const archive = await drive.addFolder('Archive');
  await drive.backup();
  const before = downloads(await scene.requests(drive.id));
  await drive.edit({ do: 'move-item', item: drive.project, to: archive, name: 'Project (old)' });
  const { outcome } = await drive.backup();
  expect(outcome).toBe('succeeded');
  expect(await drive.differences()).toEqual([]);
  expect(downloads(await scene.requests(drive.id))).toBe(before);
});

test('F73 a shortcut to another drive is named and never entered', async () => {
  // Every generated drive but the first has a shortcut to the first one.
  const [, owner] = await scene.control.users();
  const drive = driveOf(scene, owner?.id ?? '');
  const { items } = await scene.control.driveTruth({ user: drive.id, hashes: false });
  const shortcut = items.find(({ type }) => type === 'shortcut');
  expect(shortcut).toBeDefined();
  const result = await drive.backup();
  expect(codesOf(result)).toContain('drive.shortcuts-left-out');
  expect(await drive.differences()).toEqual([]);
  const entered = (await scene.requests()).filter(({ path }) => path.includes(shortcut?.id ?? '?'));
  expect(entered).toEqual([]);
});

test('F74 a drive that was made anew has another id: everything is read again, and the old points stay', async () => {
  const drive = await smallTree();
  await drive.backup();
  await scene.control.edit({ do: 'provision-drive', drive: drive.id });
  await drive.addFile('first.txt', text('in the new drive'));
  const result = await drive.backup();
  expect(codesOf(result)).toEqual(['drive.replaced']);
  expect(result.counts).toMatchObject({ itemsTotal: 1, itemsNew: 1 });
  expect(await drive.differences()).toEqual([]);
});

test.each([
  ['F75 410 with a Location lists the drive anew; what is gone there is gone, and nothing is fetched again', 0],
  ['F76 410 of a service that may have lost data is told, and the drive is compared with what is there', 1],
])('%s', async (_name, resyncMayHaveLostData) => {
  await scene.settings({ drives: { resyncMayHaveLostData } });
  const drive = await smallTree();
  await drive.backup();
  const before = downloads(await scene.requests(drive.id));
  await drive.edit({ do: 'delete-item', item: drive.plan });
  await scene.control.expireDeltaLinks({ mailbox: drive.id });
  const result = await drive.backup();
  expect(codesOf(result)).toEqual(['change-tracking.re-baselined']);
  expect(result.counts).toMatchObject({ itemsDeleted: 1, itemsNew: 0, itemsChanged: 0 });
  expect(await drive.differences()).toEqual([]);
  expect(downloads(await scene.requests(drive.id))).toBe(before);
  expect((await drive.backup()).outcome).toBe('succeeded');
});

test('F77 410 at any page of a drive’s list begins it anew; the point is the same as without', async () => {
  await scene.settings({ pageSize: 2 });
  const drive = await smallTree();
  for (let page = 1; page <= 3; page += 1) {
    await scene.fault({ pathRegex: '/root/delta', mailbox: drive.id, nth: page }, { kind: 'status', status: 410 });
    const chain = driveOf(scene, drive.id);
    const result = await chain.backup();
    expect({ page, point: result.point?.status }).toEqual({ page, point: 'complete' });
    expect(await chain.differences()).toEqual([]);
    expect((await scene.control.faults()).map(({ applied }) => applied)).toEqual([1]);
    await scene.control.clearFaults();
  }
});

test.each([
  ['F78 a locked drive fails with what it is', 'locked', 'graph.locked'],
  ['F79 a drive to which access was blocked fails with what it is', 'blocked', 'graph.locked'],
  ['F80 a user without a licence for OneDrive fails with what it is', 'unlicensed', 'graph.licence-missing'],
  ['F81 a drive that was never opened fails with what it is', 'missing', 'graph.drive-missing'],
] as const)('%s', async (_name, access, code) => {
  const drive = await smallTree();
  await drive.backup();
  await drive.edit({ do: 'set-drive-access', access });
  await expect(drive.backup()).rejects.toMatchObject({ kind: 'forbidden', code, hint: expect.any(String) });
  expect(drive.point().record).toMatchObject({ sequence: 1, itemCount: 2 });
  await drive.edit({ do: 'set-drive-access', access: 'open' });
  expect((await drive.backup()).counts).toMatchObject({ itemsNew: 0, itemsDeleted: 0 });
});

test('F82 a drive that can be read and not written is backed up', async () => {
  const drive = await smallTree();
  await drive.edit({ do: 'set-drive-access', access: 'read-only' });
  expect((await drive.backup()).outcome).toBe('succeeded');
  expect(await drive.differences()).toEqual([]);
});

test('F83 an item that comes again on the next page, at another place by then, is in the point once', async () => {
  await scene.settings({ pageSize: 2, drives: { repeatedInDelta: 2 } });
  const drive = await smallTree();
  for (let number = 1; number <= 5; number += 1) await drive.addFile(`${number}.txt`, text(`${number}`), drive.plans);
  await scene.control.changeAtRequest({
    inRequests: 4,
    edits: [{ do: 'move-item', drive: drive.id, item: drive.plan, to: [] }],
  });
  const { counts } = await drive.backup();
  expect(counts.itemsTotal).toBe(7);
  expect(await drive.differences()).toEqual([]);
});
