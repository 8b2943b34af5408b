import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { archiveName, checksumOf, fetchNatsRelease, NATS_RELEASE } from '../src/nats-from-release.ts';
import { runProgram } from '../src/run-program.ts';

const ARCHIVE = archiveName(process.platform, process.arch);
let folder: string;
let server: Server;
let address: string;
let offered: Map<string, string | Buffer>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-test-'));
  offered = new Map();
  server = createServer((request, response) => {
    const body = offered.get(request.url ?? '');
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/releases`;
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

/** An archive of the shape of an official release, and its list of checksums. */
async function offerRelease(): Promise<Buffer> {
  const inner = `nats-server-v${NATS_RELEASE}`;
  await mkdir(join(folder, inner));
  await writeFile(join(folder, inner, 'nats-server'), 'the program');
  await runProgram('tar', ['-czf', 'a.tgz', inner], { env: process.env, cwd: folder, timeoutMs: 10_000 });
  const archive = await readFile(join(folder, 'a.tgz'));
  const sum = createHash('sha256').update(archive).digest('hex');
  offered.set(`/releases/v${NATS_RELEASE}/SHA256SUMS`, `${'0'.repeat(64)}  other.zip\n${sum}  ${ARCHIVE}\n`);
  offered.set(`/releases/v${NATS_RELEASE}/${ARCHIVE}`, archive);
  return archive;
}

test('a release is unpacked when it matches its checksum', async () => {
  await offerRelease();
  expect(await readFile(await fetchNatsRelease(folder, process.env, address), 'utf8')).toBe('the program');
});

test('a release with one flipped bit is thrown away', async () => {
  const archive = Buffer.from(await offerRelease());
  archive[100] = (archive[100] ?? 0) ^ 1;
  offered.set(`/releases/v${NATS_RELEASE}/${ARCHIVE}`, archive);
  await expect(fetchNatsRelease(folder, process.env, address)).rejects.toThrow(/does not match its SHA-256 checksum/);
});

test('a release without an archive for this platform is refused', async () => {
  await offerRelease();
  offered.set(`/releases/v${NATS_RELEASE}/SHA256SUMS`, `${'0'.repeat(64)}  other.zip\n`);
  await expect(fetchNatsRelease(folder, process.env, address)).rejects.toThrow(`the release has no ${ARCHIVE}`);
});

test('a server without the release is reported with its answer', async () => {
  await expect(fetchNatsRelease(folder, process.env, address)).rejects.toThrow(/it answered 404 for .*SHA256SUMS/);
});

test.each([
  ['linux', 'x64', `nats-server-v${NATS_RELEASE}-linux-amd64.tar.gz`],
  ['linux', 'arm64', `nats-server-v${NATS_RELEASE}-linux-arm64.tar.gz`],
  ['darwin', 'arm64', `nats-server-v${NATS_RELEASE}-darwin-arm64.tar.gz`],
  ['win32', 'x64', `nats-server-v${NATS_RELEASE}-windows-amd64.zip`],
])('the archive of %s %s has its official name', (platform, architecture, name) => {
  expect(archiveName(platform, architecture)).toBe(name);
});

test('a checksum is found by the exact name only', () => {
  const sum = 'a'.repeat(64);
  expect(checksumOf(`${sum}  x.tar.gz.sig\n${sum} *y.zip`, 'x.tar.gz')).toBeUndefined();
  expect(checksumOf(`${sum}  x.tar.gz.sig\n${sum} *y.zip`, 'y.zip')).toBe(sum);
  expect(checksumOf(`short  y.zip`, 'y.zip')).toBeUndefined();
});
