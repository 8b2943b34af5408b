import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startSimulator, type DriveAccess } from '@backhaul/graph-simulator';
import { download, drivesOf, putFile, type TestDrive } from './support/drives.ts';
import { GraphCaller, type Answer } from './support/graph-caller.ts';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({ mailboxes: 3, messages: 3, drives: 2, files: 80, fileBytes: 200_000 });
let drive: TestDrive;
let other: TestDrive;

beforeAll(async () => {
  [drive, other] = (await drivesOf(bench)) as [TestDrive, TestDrive];
});

afterEach(async () => {
  const { control } = bench.simulator;
  await control.edit({ do: 'set-drive-access', drive: drive.user, access: 'open' });
  await control.updateSettings({
    limits: { resourceUnitsPerWindow: 0, resourceUnitWindowSeconds: 60 },
    earlyGraceMs: 250,
  });
});

const setAccess = (access: DriveAccess): Promise<unknown> =>
  bench.simulator.control.edit({ do: 'set-drive-access', drive: drive.user, access });

describe('a drive that cannot be used', () => {
  test.each<[DriveAccess, number, string, string]>([
    ['locked', 423, 'resourceLocked', 'Access to this site has been blocked'],
    ['blocked', 403, 'notAllowed', 'Access to this site has been blocked'],
    ['unlicensed', 400, 'BadRequest', 'Tenant does not have a SPO license.'],
    ['missing', 404, 'ResourceNotFound', "User's mysite not found."],
  ])('%s: %i %s', async (access, status, code, message) => {
    await setAccess(access);
    const { status: got, json } = await bench.graph.call(`/users/${drive.user}/drive`);
    expect({ got, code: json.error.code, message: json.error.message }).toEqual({
      got: status,
      code,
      message: expect.stringContaining(message),
    });
    expect((await bench.graph.call(`${drive.path}/root`)).status).toBe(status);
    expect((await bench.graph.call(`${other.path}/root`)).status).toBe(200);
  });

  test('read-only: what is there can be read, nothing is taken', async () => {
    const { json } = await putFile(bench.graph, drive, 'before.txt', 'kept');
    await setAccess('read-only');
    expect((await download(bench.graph, drive, json.id as string)).toString()).toBe('kept');
    const refused = await putFile(bench.graph, drive, 'after.txt', 'x');
    expect([refused.status, refused.json.error.innerError.code]).toEqual([403, 'serviceReadOnly']);
  });

  test('a user without one, and one who gets a new one, whose id is new too', async () => {
    const users = await bench.simulator.control.users();
    const without = users.find(({ kind, id }) => kind === 'user' && id !== drive.user && id !== other.user)!;
    expect((await bench.graph.call(`/users/${without.id}/drive`)).json.error.message).toBe("User's mysite not found.");
    const [{ id: first }] = (await bench.simulator.control.edit({ do: 'provision-drive', drive: without.id })) as [
      { id: string },
    ];
    expect((await bench.graph.call(`/users/${without.id}/drive`)).json).toMatchObject({
      id: first,
      quota: { used: 0 },
    });
    const [{ id: second }] = (await bench.simulator.control.edit({ do: 'provision-drive', drive: without.id })) as [
      { id: string },
    ];
    expect(second).not.toBe(first);
    expect((await bench.graph.call(`/drives/${first}/root`)).status).toBe(404);
  });

  test('a full one takes nothing more, by neither way', async () => {
    const { json } = await bench.graph.call(drive.path);
    const quota = (bytes: number): Promise<unknown> =>
      bench.simulator.control.edit({ do: 'set-drive-quota', drive: drive.user, quota: bytes });
    await quota(json.quota.used + 10);
    expect((await bench.graph.call(drive.path)).json.quota).toMatchObject({ state: 'critical', remaining: 10 });
    expect((await putFile(bench.graph, drive, 'fits.txt', 'x'.repeat(10))).status).toBe(201);
    const full = await putFile(bench.graph, drive, 'full.txt', 'x');
    expect([full.status, full.json.error.code]).toEqual([507, 'quotaLimitReached']);
    const session = await bench.graph.call(`${drive.path}/root:/big.bin:/createUploadSession`, {
      method: 'POST',
      body: { item: { fileSize: 1000 } },
    });
    expect(session.status).toBe(507);
    expect((await bench.graph.call(drive.path)).json.quota.state).toBe('exceeded');
    await quota(json.quota.total as number);
  });
});

describe('options', () => {
  test('that ask for drives without owners, or files without drives, are refused in one line', async () => {
    await expect(startSimulator({ mailboxes: 6, drives: 5 })).rejects.toThrow('--drives must be at most 4');
    await expect(startSimulator({ mailboxes: 1, files: 5 })).rejects.toThrow('raise --drives');
  });
});

describe('limits', () => {
  test('units are counted over all drives of an application; who does not wait is seen', async () => {
    const { control } = bench.simulator;
    await bench.graph.call('/users?$top=1');
    await control.updateSettings({ limits: { resourceUnitsPerWindow: 10 }, earlyGraceMs: 0 });
    const first = await bench.graph.call(`${drive.path}/root/permissions`);
    expect(first.headers['ratelimit-limit']).toBeUndefined();
    const second = await bench.graph.call(`${other.path}/root/children`);
    expect(second.headers['ratelimit-limit']).toBeUndefined();
    const third = await bench.graph.call(`${other.path}/root`);
    expect(third.headers).toMatchObject({ 'ratelimit-limit': '10', 'ratelimit-remaining': '2' });
    const refused = await bench.graph.call(`${drive.path}/root/permissions`);
    expect([refused.status, refused.json.error.code]).toEqual([429, 'activityLimitReached']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    const { next } = await control.log();
    await bench.graph.call(`${other.path}/root`);
    await bench.graph.call(`/users/${drive.user}/mailFolders/inbox`);
    const { entries } = await control.log({ since: next });
    expect(entries.map(({ status, early }) => [status, early])).toEqual([
      [429, true],
      [200, false],
    ]);
  });

  test("are not Outlook's", async () => {
    await bench.simulator.control.updateSettings({ limits: { requestsPerWindow: 1, uploadBytesPer5Minutes: 10 } });
    await bench.graph.call(`/users/${drive.user}/mailFolders/inbox`);
    const statuses = [
      (await bench.graph.call(`/users/${drive.user}/drive`)).status,
      (await putFile(bench.graph, drive, 'free.txt', 'x'.repeat(1000))).status,
    ];
    await bench.simulator.control.updateSettings({ limits: { requestsPerWindow: 10_000, uploadBytesPer5Minutes: 0 } });
    expect(statuses).toEqual([200, 201]);
  });
});

describe('a change of the tenant', () => {
  test('touches a share of the files of each drive, each in one way', async () => {
    const { control } = bench.simulator;
    const link = (await bench.graph.all(`${drive.path}/root/delta`)).last['@odata.deltaLink'] as string;
    const { files, markBefore } = await control.change({ percent: 10, parts: ['files'], renameFolder: true });
    const own = (list: { mailbox: string; id: string }[]): string[] =>
      list.filter(({ mailbox }) => mailbox === drive.user).map(({ id }) => id);
    const all = [files.new, files.changed, files.moved, files.renamed, files.deleted].map(own);
    for (const ids of all) expect(ids.length).toBeGreaterThan(0);
    expect(new Set(all.flat()).size).toBe(all.flat().length);
    const before = await control.driveTruth({ user: drive.user, mark: markBefore });
    const after = await control.driveTruth({ user: drive.user });
    const was = new Map(before.items.map((item) => [item.id, item]));
    const is = new Map(after.items.map((item) => [item.id, item]));
    const [added, changed, moved, renamed, deleted] = all as [string[], string[], string[], string[], string[]];
    expect(added.every((id) => !was.has(id) && is.has(id))).toBe(true);
    expect(changed.every((id) => was.get(id)!.sha256 !== is.get(id)!.sha256)).toBe(true);
    expect(changed.every((id) => is.get(id)!.versions.length === was.get(id)!.versions.length + 1)).toBe(true);
    expect(moved.every((id) => was.get(id)!.parentId !== is.get(id)!.parentId)).toBe(true);
    expect(renamed.every((id) => was.get(id)!.path.at(-1) !== is.get(id)!.path.at(-1))).toBe(true);
    expect(deleted.every((id) => was.has(id) && !is.has(id))).toBe(true);
    const folder = files.renamedFolders.find(({ mailbox }) => mailbox === drive.user)!;
    expect(is.get(folder.folderId)!.path.at(-1)).toBe(folder.to);
    const told = await bench.graph.all(link, { headers: { deltaExcludeParent: 'true' } });
    expect(told.value.map(({ id }) => id).sort()).toEqual([...all.flat(), folder.folderId].sort());
  });
});

describe('a restart', () => {
  const state = mkdtempSync(join(tmpdir(), 'drives-'));

  test('forgets nothing: items, links, sessions and addresses go on', async () => {
    const options = { state, mailboxes: 1, messages: 1, drives: 1, files: 30, fileBytes: 100_000, port: 0 };
    const first = await startSimulator(options);
    const graph = new GraphCaller(first);
    const [owned] = (await drivesOf({ simulator: first })) as [TestDrive];
    const link = (await graph.all(`${owned.path}/root/delta`)).last['@odata.deltaLink'] as string;
    const { json: file } = await putFile(graph, owned, 'lasting.txt', 'lasting');
    const session = await graph.call(`${owned.path}/root:/half.bin:/createUploadSession`, { method: 'POST' });
    const half = Buffer.alloc(327_680, 7);
    const send = (by: GraphCaller, from: number): Promise<Answer> =>
      by.raw(session.json.uploadUrl as string, {
        method: 'PUT',
        headers: { 'content-range': `bytes ${from}-${from + half.length - 1}/${2 * half.length}` },
        body: half,
      });
    expect((await send(graph, 0)).status).toBe(202);
    const before = await first.control.driveTruth({ user: owned.user });
    graph.close();
    await first.close();

    const second = await startSimulator({ ...options, port: Number(new URL(first.graphUrl).port) });
    const current = new GraphCaller(second);
    try {
      expect(await second.control.driveTruth({ user: owned.user })).toEqual({ ...before, mark: expect.any(Number) });
      const told = await current.all(link, { headers: { deltaExcludeParent: 'true' } });
      expect(told.value.map(({ id }) => id)).toEqual([file.id]);
      expect((await current.raw(file['@microsoft.graph.downloadUrl'] as string)).bytes.toString()).toBe('lasting');
      const done = await send(current, half.length);
      expect([done.status, done.json.size]).toEqual([201, 2 * half.length]);
    } finally {
      current.close();
      await second.close();
      rmSync(state, { recursive: true, force: true });
    }
  });
});
