import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNatsAuthority, loadNatsAuthority, type NatsAuthority, saveNatsAuthority } from '../src/index.ts';
import { natsConfig } from '../src/nats-config.ts';

let authority: NatsAuthority;
let folder: string;
beforeAll(async () => {
  authority = await createNatsAuthority();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('an authority is read back as it was saved, from a file that nobody else can read', async () => {
  await saveNatsAuthority(authority, folder);
  expect(await loadNatsAuthority(folder)).toEqual(authority);
  expect(await readdir(folder)).toEqual(['nats-authority.json']);
  expect((await stat(join(folder, 'nats-authority.json'))).mode & 0o777).toBe(0o600);
});

test('a folder without an authority has none', async () => {
  expect(await loadNatsAuthority(folder)).toBeUndefined();
});

test.each([
  ['a file that is no JSON', () => '{"operatorSeed": "SOABC'],
  ['a file in which something is missing', (text: string) => text.replace('accountSigningSeed', 'other')],
])('%s is refused without repeating its secrets', async (_, damage) => {
  await saveNatsAuthority(authority, folder);
  const file = join(folder, 'nats-authority.json');
  await writeFile(file, damage(await readFile(file, 'utf8')));
  const failure = await loadNatsAuthority(folder).then(
    () => undefined,
    (error: Error) => error.message,
  );
  expect(failure).toMatch(/nats-authority\.json is no NATS authority\. Restore it/);
  expect(failure).not.toMatch(/S[OAU][A-Z2-7]{3}/);
});

test('the configuration of a server holds tokens and public keys, no seed', async () => {
  const text = natsConfig({ serverName: 'a', host: 'h', port: 1, storeFolder: '/s', authority, durable: true });
  for (const seed of [authority.operatorSeed, authority.systemAccountSeed, authority.accountSigningSeed]) {
    expect(text).not.toContain(seed);
  }
  expect(JSON.parse(text)).toMatchObject({ jetstream: { sync_interval: 'always' }, operator: authority.operatorJwt });
});
