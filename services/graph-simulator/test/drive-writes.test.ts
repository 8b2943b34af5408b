import { randomBytes } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { download, drivesOf, makeFolder, putFile, type TestDrive } from './support/drives.ts';
import type { Answer } from './support/graph-caller.ts';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({ mailboxes: 2, messages: 2, drives: 2, files: 0, oddities: 0 });
let drive: TestDrive;
let other: TestDrive;

beforeAll(async () => {
  [drive, other] = (await drivesOf(bench)) as [TestDrive, TestDrive];
});

afterEach(() =>
  bench.simulator.control.updateSettings({
    drives: { rewriteOfficeFiles: 0, uploadSessionSeconds: 900, uploadUrlSeconds: 86_400 },
  }),
);

const put = (path: string, content: string | Buffer): Promise<Answer> => putFile(bench.graph, drive, path, content);
const folder = async (name: string, parent = 'root'): Promise<string> =>
  (await makeFolder(bench.graph, drive, parent, name)).json.id as string;
const patch = (item: string, body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  bench.graph.call(`${drive.path}/items/${item}`, { method: 'PATCH', body, headers });

describe('small files', () => {
  test('are new, or a new version: the id stays, eTag and cTag differ', async () => {
    const first = await put('small.txt', 'one');
    const second = await put('SMALL.txt', 'two');
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.json).toMatchObject({ id: first.json.id, name: 'small.txt', size: 3 });
    expect(second.json.eTag).not.toBe(first.json.eTag);
    expect(second.json.cTag).not.toBe(first.json.cTag);
    expect((await download(bench.graph, drive, first.json.id as string)).toString()).toBe('two');
  });

  test.each([
    ['fail', 409, ['conflict fail.txt']],
    ['replace', 200, ['conflict replace.txt']],
    ['rename', 201, ['conflict rename 1.txt', 'conflict rename.txt']],
  ])('when the name is taken, %s answers %i', async (behavior, status, names) => {
    await put(`conflict ${behavior}.txt`, 'x');
    const path = `${drive.path}/root:/conflict%20${behavior}.txt:/content?@microsoft.graph.conflictBehavior=${behavior}`;
    const answer = await bench.graph.call(path, { method: 'PUT', body: 'y' });
    expect(answer.status).toBe(status);
    if (status === 409) expect(answer.json.error.code).toBe('nameAlreadyExists');
    const { value } = await bench.graph.all(`${drive.path}/root/children`);
    expect(
      value
        .map(({ name }) => name)
        .filter((name) => name.startsWith(`conflict ${behavior}`))
        .sort(),
    ).toEqual(names);
  });

  test('never take the place of a folder, need a folder that is there, a length, and a name that is allowed', async () => {
    await folder('is a folder');
    expect((await put('is a folder', 'x')).status).toBe(409);
    expect((await put('no folder/file.txt', 'x')).status).toBe(404);
    const bad = await put('what?.txt', 'x');
    expect([bad.status, bad.json.error.innerError.code]).toEqual([400, 'invalidName']);
    const chunked = await bench.graph.call(`${drive.path}/root:/chunked.txt:/content`, {
      method: 'PUT',
      headers: { 'transfer-encoding': 'chunked' },
    });
    expect(chunked.status).toBe(411);
  });

  test('below a path of more than 400 characters are refused', async () => {
    const outer = await folder('o'.repeat(199));
    await folder('i'.repeat(150), outer);
    const deep = `${'o'.repeat(199)}/${'i'.repeat(150)}`;
    const tooLong = await put(`${deep}/${'f'.repeat(50)}`, 'x');
    expect([tooLong.status, tooLong.json.error.innerError.code]).toEqual([400, 'pathIsTooLong']);
    expect((await put(`${deep}/${'f'.repeat(48)}`, 'x')).status).toBe(201);
  });

  test('of Office grow on the way, when that is asked for', async () => {
    await bench.simulator.control.updateSettings({ drives: { rewriteOfficeFiles: 1 } });
    const { json } = await put('report.docx', 'x'.repeat(100));
    expect(json.size).toBeGreaterThan(100);
    expect((await download(bench.graph, drive, json.id as string)).length).toBe(json.size);
    expect((await put('report.pdf', 'x'.repeat(100))).json.size).toBe(100);
  });
});

describe('folders', () => {
  test('of a taken name: fail refuses, replace gives back the old one, rename makes another', async () => {
    const make = (name: string, behavior?: string): Promise<Answer> =>
      bench.graph.call(`${drive.path}/root/children`, {
        method: 'POST',
        body: { name, folder: {}, ...(behavior && { '@microsoft.graph.conflictBehavior': behavior }) },
      });
    const first = await make('taken');
    expect((await make('TAKEN')).status).toBe(409);
    const again = await make('taken', 'replace');
    expect([again.status, again.json.id, again.json.eTag]).toEqual([200, first.json.id, first.json.eTag]);
    expect((await make('taken', 'rename')).json.name).toBe('taken 1');
    await put('a file', 'x');
    expect((await make('a file', 'replace')).status).toBe(409);
    expect((await make('aux')).status).toBe(400);
  });
});

describe('changes', () => {
  test('of dates change neither content nor version', async () => {
    const { json } = await put('dated.txt', 'x');
    const fileSystemInfo = { createdDateTime: '2001-02-03T04:05:06Z', lastModifiedDateTime: '2002-03-04T05:06:07.5Z' };
    const changed = await patch(json.id as string, { fileSystemInfo });
    expect(changed.json.fileSystemInfo).toEqual({
      createdDateTime: '2001-02-03T04:05:06Z',
      lastModifiedDateTime: '2002-03-04T05:06:07Z',
    });
    expect(changed.json.cTag).toBe(json.cTag);
    expect(changed.json.eTag).not.toBe(json.eTag);
    expect((await bench.graph.call(`${drive.path}/items/${json.id}/versions`)).json.value).toHaveLength(1);
  });

  test('only of the state that the client has seen', async () => {
    const { json } = await put('guarded.txt', 'x');
    const id = json.id as string;
    expect((await patch(id, { description: 'a' }, { 'if-match': json.eTag as string })).status).toBe(200);
    expect((await patch(id, { description: 'b' }, { 'if-match': json.eTag as string })).status).toBe(412);
    const remove = (tag: string): Promise<Answer> =>
      bench.graph.call(`${drive.path}/items/${id}`, { method: 'DELETE', headers: { 'if-match': tag } });
    expect((await remove(json.eTag as string)).status).toBe(412);
    expect((await remove('*')).status).toBe(204);
    expect((await remove('*')).status).toBe(404);
  });

  test('of place and name: not onto another, not below itself, not into another drive', async () => {
    const outer = await folder('outer');
    const inner = await folder('inner', outer);
    const { json } = await put('moving.txt', 'x');
    const id = json.id as string;
    const moved = await patch(id, { parentReference: { id: inner }, name: 'Moved.txt' });
    expect(moved.json).toMatchObject({ id, name: 'Moved.txt', parentReference: { id: inner } });
    expect((await patch(outer, { parentReference: { id: inner } })).status).toBe(400);
    await put('moved.TXT', 'y');
    expect((await patch(id, { parentReference: { path: '/drive/root:' } })).status).toBe(409);
    const path = `?@microsoft.graph.conflictBehavior=rename`;
    const renamed = await bench.graph.call(`${drive.path}/items/${id}${path}`, {
      method: 'PATCH',
      body: { parentReference: { path: '/drive/root:' } },
    });
    expect(renamed.json.name).toBe('Moved 1.txt');
    expect((await patch(id, { parentReference: { driveId: other.id, id: 'x' } })).status).toBe(400);
    const root = (await bench.graph.call(`${drive.path}/root`)).json.id as string;
    expect((await patch(root, { name: 'x' })).status).toBe(400);
  });

  test('a folder is as large as what is in it, wherever that comes from', async () => {
    const outer = await folder('sized');
    const inner = await folder('within', outer);
    await put('sized/within/a', 'x'.repeat(100));
    await put('sized/b', 'x'.repeat(10));
    const size = async (id: string): Promise<number> => (await bench.graph.call(`${drive.path}/items/${id}`)).json.size;
    expect([await size(outer), await size(inner)]).toEqual([110, 100]);
    await put('sized/within/a', 'x'.repeat(30));
    const root = await size('root');
    await patch(inner, { parentReference: { path: '/drive/root:' } });
    expect([await size(outer), await size(inner), await size('root')]).toEqual([10, 30, root]);
    await bench.graph.call(`${drive.path}/items/${inner}/permanentDelete`, { method: 'POST' });
    expect(await size('root')).toBe(root - 30);
  });

  test('a copy is made with all that is below, and its monitor tells how it went', async () => {
    const source = await folder('original');
    await put('original/a.txt', 'copied');
    const copy = (body: object): Promise<Answer> =>
      bench.graph.call(`${drive.path}/items/${source}/copy`, { method: 'POST', body });
    const target = (await bench.graph.call(`${other.path}/root`)).json.id as string;
    const { status, headers } = await copy({ parentReference: { driveId: other.id, id: target }, name: 'copy' });
    expect(status).toBe(202);
    const monitor = await bench.graph.raw(headers['location'] as string);
    expect(monitor.json).toMatchObject({ status: 'completed', percentageComplete: 100 });
    const copied = await bench.graph.call(`${other.path}/root:/copy/a.txt`);
    expect((await download(bench.graph, other, copied.json.id as string)).toString()).toBe('copied');
    const again = await copy({ name: 'original' });
    expect((await bench.graph.raw(again.headers['location'] as string)).json.status).toBe('failed');
    expect((await copy({ parentReference: { id: source } })).status).toBe(400);
  });
});

describe('upload sessions', () => {
  const UNIT = 327_680;
  const open = (path: string, body?: object): Promise<Answer> =>
    bench.graph.call(`${drive.path}/root:/${path}:/createUploadSession`, { method: 'POST', ...(body && { body }) });
  const send = (url: string, bytes: Buffer, from: number, total: number): Promise<Answer> =>
    bench.graph.raw(url, {
      method: 'PUT',
      headers: { 'content-range': `bytes ${from}-${from + bytes.length - 1}/${total}` },
      body: bytes,
    });

  test('take a file in fragments, in order, and say what comes next', async () => {
    const bytes = randomBytes(2 * UNIT + 100);
    const fileSystemInfo = { createdDateTime: '2011-01-01T00:00:00Z', lastModifiedDateTime: '2012-01-01T00:00:00Z' };
    const { json } = await open('sent.bin', { item: { fileSystemInfo, fileSize: bytes.length } });
    expect(json.nextExpectedRanges).toEqual(['0-']);
    const url = json.uploadUrl as string;
    const first = await send(url, bytes.subarray(0, UNIT), 0, bytes.length);
    expect([first.status, first.json.nextExpectedRanges]).toEqual([202, [`${UNIT}-`]]);
    expect((await send(url, bytes.subarray(0, UNIT), 0, bytes.length)).status).toBe(416);
    expect((await send(url, bytes.subarray(2 * UNIT), 2 * UNIT, bytes.length)).status).toBe(416);
    expect((await send(url, bytes.subarray(UNIT, UNIT + 1000), UNIT, bytes.length)).status).toBe(400);
    expect((await send(url, bytes.subarray(UNIT, 2 * UNIT), UNIT, bytes.length + 1)).status).toBe(400);
    expect((await bench.graph.raw(url)).json.nextExpectedRanges).toEqual([`${UNIT}-`]);
    expect((await send(url, bytes.subarray(UNIT, 2 * UNIT), UNIT, bytes.length)).status).toBe(202);
    const last = await send(url, bytes.subarray(2 * UNIT), 2 * UNIT, bytes.length);
    expect([last.status, last.json.name, last.json.fileSystemInfo]).toEqual([201, 'sent.bin', fileSystemInfo]);
    expect((await download(bench.graph, drive, last.json.id as string)).equals(bytes)).toBe(true);
    expect((await bench.graph.raw(url)).status).toBe(404);
  });

  test('find out that the name is taken with the last fragment, and may still replace or rename', async () => {
    const { json: old } = await put('target.txt', 'old');
    const upload = async (behavior: string): Promise<Answer> => {
      const { json } = await open('target.txt', { item: { '@microsoft.graph.conflictBehavior': behavior } });
      return send(json.uploadUrl as string, Buffer.from('new'), 0, 3);
    };
    const failed = await upload('fail');
    expect([failed.status, failed.json.error.code]).toEqual([409, 'nameAlreadyExists']);
    expect((await upload('rename')).json.name).toBe('target 1.txt');
    const replaced = await upload('replace');
    expect([replaced.status, replaced.json.id]).toEqual([200, old.id]);
    const byId = await bench.graph.call(`${drive.path}/items/${old.id}/createUploadSession`, { method: 'POST' });
    expect((await send(byId.json.uploadUrl as string, Buffer.from('newer'), 0, 5)).status).toBe(200);
    expect((await bench.graph.call(`${drive.path}/items/${old.id}/versions`)).json.value).toHaveLength(3);
  });

  test('can wait to be committed, be cancelled, and take no Authorization', async () => {
    const { json } = await open('deferred.txt', { deferCommit: true });
    const url = json.uploadUrl as string;
    expect((await bench.graph.raw(url, { method: 'POST' })).status).toBe(400);
    const all = await send(url, Buffer.from('all'), 0, 3);
    expect([all.status, all.json.nextExpectedRanges]).toEqual([202, []]);
    expect((await bench.graph.call(`${drive.path}/root:/deferred.txt`)).status).toBe(404);
    expect((await bench.graph.raw(url, { method: 'POST' })).status).toBe(201);
    const cancelled = (await open('cancelled.txt')).json.uploadUrl as string;
    const authorization = `Bearer ${await bench.graph.token()}`;
    expect((await bench.graph.raw(cancelled, { headers: { authorization } })).status).toBe(401);
    expect((await bench.graph.raw(cancelled, { method: 'DELETE' })).status).toBe(204);
    expect((await bench.graph.raw(cancelled)).status).toBe(404);
  });

  test('expire, by standing still or by the age of their address', async () => {
    await bench.simulator.control.updateSettings({ drives: { uploadSessionSeconds: 0 } });
    const idle = (await open('idle.txt')).json.uploadUrl as string;
    expect((await bench.graph.raw(idle)).status).toBe(404);
    await bench.simulator.control.updateSettings({ drives: { uploadSessionSeconds: 900, uploadUrlSeconds: 0 } });
    const old = await bench.graph.raw((await open('old.txt')).json.uploadUrl as string);
    expect([old.status, old.json.error.innerError.code]).toEqual([401, 'expiredToken']);
  });

  test('two at once do not mix their bytes', async () => {
    const files = [randomBytes(3 * UNIT), randomBytes(3 * UNIT)];
    const urls = await Promise.all([0, 1].map(async (at) => (await open(`mixed ${at}.bin`)).json.uploadUrl as string));
    let last: Answer[] = [];
    for (let part = 0; part < 3; part++) {
      last = await Promise.all(
        files.map((bytes, at) =>
          send(urls[at]!, bytes.subarray(part * UNIT, (part + 1) * UNIT), part * UNIT, 3 * UNIT),
        ),
      );
    }
    for (const [at, { json }] of last.entries()) {
      expect((await download(bench.graph, drive, json.id as string)).equals(files[at]!)).toBe(true);
    }
  });
});
