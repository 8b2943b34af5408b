import { createHash } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { download, drivesOf, putFile, type TestDrive } from './support/drives.ts';
import { useSimulator } from './support/use-simulator.ts';

const LARGE = 3_000_017;
const bench = useSimulator({ mailboxes: 2, messages: 2, drives: 2, files: 40, fileBytes: 400_000, largeFile: LARGE });
let drive: TestDrive;
let large = '';

beforeAll(async () => {
  drive = (await drivesOf(bench))[0]!;
  large = (await bench.graph.call(`${drive.path}/root:/Recording.mp4`)).json.id as string;
});

afterEach(() =>
  bench.simulator.control.updateSettings({ drives: { downloadUrlSeconds: 3600, expiredDownloadStatus: 401 } }),
);

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

async function addressOf(item: string): Promise<string> {
  const { status, headers } = await bench.graph.call(`${drive.path}/items/${item}/content`);
  expect(status).toBe(302);
  return headers['location'] as string;
}

describe('content', () => {
  test('comes from a pre-authenticated address, with the bytes and hashes of the truth', async () => {
    const truth = await bench.simulator.control.driveTruth({ user: drive.user });
    const files = truth.items.filter(({ type, malware, unreadable }) => type === 'file' && !malware && !unreadable);
    expect(files.length).toBeGreaterThan(15);
    for (const { id, size, sha256: hash } of files) {
      const bytes = await download(bench.graph, drive, id);
      expect({ id, size: bytes.length, hash: sha256(bytes) }).toEqual({ id, size, hash });
    }
    const { json } = await bench.graph.call(`${drive.path}/items/${large}`);
    expect(json.file.hashes.quickXorHash).toBe(truth.items.find(({ id }) => id === large)!.quickXorHash);
    expect((await bench.graph.raw(json['@microsoft.graph.downloadUrl'] as string)).bytes).toHaveLength(LARGE);
  });

  test('comes in ranges from anywhere, which fit together', async () => {
    const address = await addressOf(large);
    const whole = await bench.graph.raw(address);
    expect(whole.headers).toMatchObject({ 'accept-ranges': 'bytes', 'content-length': String(LARGE) });
    for (const [from, to] of [
      [0, 0],
      [262_143, 262_145],
      [1_000_000, 2_000_000],
      [LARGE - 1, LARGE + 1000],
    ] as const) {
      const part = await bench.graph.raw(address, { headers: { range: `bytes=${from}-${to}` } });
      const end = Math.min(to + 1, LARGE);
      expect([part.status, part.headers['content-range']]).toEqual([206, `bytes ${from}-${end - 1}/${LARGE}`]);
      expect(part.bytes.equals(whole.bytes.subarray(from, end))).toBe(true);
    }
    const beyond = await bench.graph.raw(address, { headers: { range: `bytes=${LARGE}-` } });
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, `bytes */${LARGE}`]);
    const tag = whole.headers['etag'] as string;
    const ifRange = (value: string): Promise<number> =>
      bench.graph.raw(address, { headers: { range: 'bytes=0-9', 'if-range': value } }).then(({ status }) => status);
    expect([await ifRange(tag), await ifRange('"older"')]).toEqual([206, 200]);
  });

  test('a connection that broke off is resumed where it stopped', async () => {
    await bench.simulator.control.addFault({
      match: { pathRegex: '^/download/', nth: 1 },
      effect: { kind: 'reset', afterBytes: 1_000_000 },
    });
    const address = await addressOf(large);
    await expect(bench.graph.raw(address)).rejects.toThrow();
    await bench.simulator.control.clearFaults();
    const rest = await bench.graph.raw(address, { headers: { range: 'bytes=1000000-' } });
    expect([rest.status, rest.bytes.length]).toEqual([206, LARGE - 1_000_000]);
    const { entries } = await bench.simulator.control.log({ mailbox: drive.user });
    expect(entries.filter(({ path }) => path.startsWith('/download/')).at(-2)).toMatchObject({ bytes: 1_000_000 });
  });

  test('an address takes no Authorization, cannot be altered, and expires', async () => {
    const address = await addressOf(large);
    const token = `Bearer ${await bench.graph.token()}`;
    expect((await bench.graph.raw(address, { headers: { authorization: token } })).status).toBe(401);
    expect((await bench.graph.raw(address.replace(/.$/, (char) => (char === 'A' ? 'B' : 'A')))).status).toBe(401);
    const { control } = bench.simulator;
    for (const status of [401, 403, 404]) {
      await control.updateSettings({ drives: { downloadUrlSeconds: 0, expiredDownloadStatus: status } });
      const expired = await bench.graph.raw(await addressOf(large));
      expect([expired.status, expired.json.error.innerError.code]).toEqual([status, 'expiredToken']);
    }
    expect((await bench.graph.raw(address, { headers: { range: 'bytes=0-0' } })).status).toBe(206);
  });

  test('of a deleted file is gone under its old address too', async () => {
    const { json } = await putFile(bench.graph, drive, 'gone.txt', 'x');
    const address = await addressOf(json.id as string);
    await bench.graph.call(`${drive.path}/items/${json.id}`, { method: 'DELETE' });
    expect((await bench.graph.raw(address)).status).toBe(404);
  });

  test('of an infected file is refused, of a broken section it never comes, a folder has none', async () => {
    const get = (path: string) => bench.graph.call(`${drive.path}/root:/${encodeURI(path)}:/content`);
    const infected = await get('infected.zip');
    expect([infected.status, infected.json.error.code]).toEqual([403, 'malwareDetected']);
    expect((await get('Notes of the team/Broken.one')).status).toBe(503);
    expect((await get('Notes of the team/Meetings.one')).status).toBe(302);
    expect((await get('Documents')).status).toBe(400);
    const { json } = await putFile(bench.graph, drive, 'soon infected.txt', 'x');
    const address = await addressOf(json.id as string);
    await bench.simulator.control.edit({ do: 'mark-malware', drive: drive.user, item: json.id as string });
    const late = await bench.graph.raw(address);
    expect([late.status, late.headers['x-virus-infected']]).toEqual([403, 'true']);
  });

  test('that is known already is not given out again', async () => {
    const { json } = await putFile(bench.graph, drive, 'same.txt', 'x');
    const headers = { 'if-none-match': json.cTag as string };
    expect((await bench.graph.call(`${drive.path}/items/${json.id}/content`, { headers })).status).toBe(304);
  });

  test('within a batch is an address too, and a fault can lead it astray', async () => {
    const requests = [{ id: '1', method: 'GET', url: `${drive.path}/items/${large}/content` }];
    const { json } = await bench.graph.call('/$batch', { method: 'POST', body: { requests } });
    const [{ status, headers }] = json.responses;
    expect([status, headers.Location]).toEqual([302, expect.stringContaining('/download/')]);
    await bench.simulator.control.addFault({ match: { pathRegex: 'children' }, effect: { kind: 'foreign-link' } });
    const { value } = (await bench.graph.call(`${drive.path}/root/children`)).json;
    await bench.simulator.control.clearFaults();
    const addresses = value.flatMap((item: any) => item['@microsoft.graph.downloadUrl'] ?? []);
    expect(addresses.every((address: string) => address.startsWith('https://evil.example/download/'))).toBe(true);
    expect(addresses.length).toBeGreaterThan(5);
  });

  test('deliveries are counted', async () => {
    const { next } = await bench.simulator.control.log();
    await download(bench.graph, drive, large);
    await bench.graph.raw(await addressOf(large), { headers: { range: 'bytes=0-9' } });
    expect(await bench.simulator.control.logSummary({ since: next })).toMatchObject({
      downloads: 2,
      maxConcurrentPerMailbox: 0,
    });
  });
});

describe('versions', () => {
  test('are made by each overwriting, and can be read and restored', async () => {
    const { json } = await putFile(bench.graph, drive, 'versions.txt', 'one');
    const path = `${drive.path}/items/${json.id}`;
    await putFile(bench.graph, drive, 'versions.txt', 'second');
    await bench.graph.call(`${path}/content`, { method: 'PUT', body: 'third one' });
    const list = async (): Promise<[string, number][]> =>
      (await bench.graph.call(`${path}/versions`)).json.value.map(({ id, size }: any) => [id, size]);
    expect(await list()).toEqual([
      ['3.0', 9],
      ['2.0', 6],
      ['1.0', 3],
    ]);
    const content = (version: string) => bench.graph.call(`${path}/versions/${version}/content`);
    const old = await content('1.0');
    expect((await bench.graph.raw(old.headers['location'] as string)).bytes.toString()).toBe('one');
    const current = await content('3.0');
    expect([current.status, current.json.error.message]).toEqual([
      400,
      'You cannot get the content of the current version.',
    ]);
    expect((await content('9.0')).status).toBe(404);
    expect((await bench.graph.call(`${path}/versions/1.0/restoreVersion`, { method: 'POST' })).status).toBe(204);
    expect((await list()).map(([id]) => id)).toEqual(['4.0', '3.0', '2.0', '1.0']);
    expect((await download(bench.graph, drive, json.id as string)).toString()).toBe('one');
    const truth = await bench.simulator.control.driveTruth({ user: drive.user });
    const { versions } = truth.items.find(({ id }) => id === json.id)!;
    expect(versions.map(({ sha256: hash }) => hash)).toEqual(
      ['one', 'third one', 'second', 'one'].map((text) => sha256(Buffer.from(text))),
    );
  });
});
