import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNatsServer, type NatsFetcher, startNats } from '../src/index.ts';

let folder: string;
let bin: string;
let cache: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-test-'));
  bin = join(folder, 'bin');
  cache = join(folder, 'cache');
  await mkdir(bin);
});
afterEach(() => rm(folder, { recursive: true }));

/** A program that tells a version as nats-server does, and nothing else. */
async function fakeServer(file: string, version: string): Promise<string> {
  await writeFile(file, `#!/bin/sh\necho "nats-server: v${version}"\n`);
  await chmod(file, 0o755);
  return file;
}

const fetcher = (version: string): NatsFetcher & { calls: number } => ({
  name: 'a test source',
  calls: 0,
  async fetch(into) {
    this.calls += 1;
    return fakeServer(join(into, 'nats-server'), version);
  },
});

const nothing: NatsFetcher = { name: 'nowhere', fetch: () => Promise.reject(new Error('it cannot be reached')) };
const environment = () => ({ PATH: bin, BACKHAUL_CACHE_DIR: cache });
const find = (fetchers: NatsFetcher[]) => findNatsServer({ env: environment(), log: () => undefined, fetchers });

describe('finding a nats-server', () => {
  test('takes the one on PATH when it is new enough', async () => {
    const file = await fakeServer(join(bin, 'nats-server'), '2.12.0');
    expect(await find([nothing])).toEqual({ file, version: '2.12.0', source: 'installed' });
  });

  test('passes over one that is too old, and says so when there is no other', async () => {
    const file = await fakeServer(join(bin, 'nats-server'), '2.10.27');
    await expect(find([nothing])).rejects.toThrow(`${file} is version 2.10.27: too old`);
  });

  test('fetches once and keeps it, however many ask at the same time', async () => {
    const source = fetcher('2.15.1');
    const found = await Promise.all([find([source]), find([source]), find([source])]);
    expect(source.calls).toBe(1);
    expect(new Set(found.map(({ file }) => file)).size).toBe(1);
    expect(await find([nothing])).toEqual({ file: found[0]?.file, version: '2.15.1', source: 'cache' });
    expect(await readdir(cache)).toEqual([`nats-server-2.15.1-${process.platform}-${process.arch}`]);
  });

  test('goes on to the next source when one fails or gives something too old', async () => {
    const found = await find([nothing, fetcher('2.11.9'), fetcher('2.13.0')]);
    expect(found).toMatchObject({ version: '2.13.0', source: 'fetched' });
  });

  test('breaks the lock of a process that is gone', async () => {
    await mkdir(cache);
    // No process has this id: it is above the largest that Linux gives.
    await writeFile(join(cache, 'nats-server.lock'), '99999999');
    expect(await find([fetcher('2.12.1')])).toMatchObject({ source: 'fetched' });
  });

  test('says once what was tried and what to install', async () => {
    const failure = await find([nothing, fetcher('2.2.0')]).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(failure.split('\n')).toEqual([
      'nats-server 2.12 or newer is needed and could not be found or fetched.',
      '  - there is none on PATH or in /usr/sbin',
      '  - nowhere: it cannot be reached',
      '  - a test source: it has version 2.2.0 only',
      expect.stringMatching(/^Install nats-server 2\.12 or newer .* NATS_URL/),
    ]);
    expect(await readdir(cache)).toEqual([]);
  });

  test('fetches nothing when that is forbidden', async () => {
    const env = { ...environment(), BACKHAUL_OFFLINE: '1', TEST_BACKEND: 'embedded' };
    await expect(startNats({ env })).rejects.toThrow(/nothing is fetched: BACKHAUL_OFFLINE=1/);
  });

  test('a program that is no server is reported with its last words', async () => {
    await fakeServer(join(bin, 'nats-server'), '2.12.0');
    const env = { ...environment(), TEST_BACKEND: 'embedded' };
    await expect(startNats({ env })).rejects.toThrow(/nats-server did not start on port \d+:\nnats-server: v2\.12\.0/);
  });
});
