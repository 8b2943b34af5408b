import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { createKeyFile, readKeyFile } from '../../src/secrets/key-encryption-key.ts';
import { openInstallation } from '../../src/secrets/installation.ts';
import { postgresForTests } from '../../testing/fixtures/postgres.ts';

const postgres = postgresForTests();
let database: DataSource;
let folder: string;
beforeEach(async () => {
  database = await postgres.fresh();
  folder = mkdtempSync(join(tmpdir(), 'director-key-'));
  return () => rmSync(folder, { recursive: true });
});

const source = () => ({ type: 'file' as const, path: join(folder, 'deep', 'director.key') });

describe('the first start', () => {
  test('makes a key file that only its owner can read, and the installation', async () => {
    const installation = await openInstallation(database, source());
    const { path } = source();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(Buffer.from(readFileSync(path, 'utf8'), 'base64')).toHaveLength(32);
    expect(installation.signingKey.reveal()).toContain('PRIVATE KEY');
  });

  test('takes a key file that is there already', async () => {
    const key = createKeyFile(source().path);
    expect((await openInstallation(database, source())).kek.fingerprint).toBe(key.fingerprint);
  });

  test('never overwrites a key file', () => {
    createKeyFile(source().path);
    expect(() => createKeyFile(source().path)).toThrow(/EEXIST/);
  });

  test('by two Directors at once gives one installation', async () => {
    const key = createKeyFile(source().path);
    const given = { type: 'given' as const, key };
    const [one, other] = await Promise.all([openInstallation(database, given), openInstallation(database, given)]);
    expect(other.id).toBe(one.id);
    expect(other.signingKey.reveal()).toBe(one.signingKey.reveal());
  });
});

describe('a restart', () => {
  test('with the same key opens the same installation', async () => {
    const first = await openInstallation(database, source());
    const again = await openInstallation(database, source());
    expect([again.id, again.signingKey.reveal()]).toEqual([first.id, first.signingKey.reveal()]);
  });

  test('without the key file is refused and makes no other', async () => {
    await openInstallation(database, source());
    rmSync(source().path);
    await expect(openInstallation(database, source())).rejects.toMatchObject({
      kind: 'wrong-key',
      code: 'key.missing',
      hint: expect.stringContaining('first start'),
    });
    expect(readKeyFile(source().path)).toBeNull();
  });

  test('with another key is refused', async () => {
    await openInstallation(database, source());
    rmSync(source().path);
    createKeyFile(source().path);
    await expect(openInstallation(database, source())).rejects.toMatchObject({
      kind: 'wrong-key',
      code: 'key.changed',
    });
  });

  test('with a damaged key file is refused', async () => {
    await openInstallation(database, source());
    writeFileSync(source().path, 'not a key\n');
    await expect(openInstallation(database, source())).rejects.toMatchObject({ code: 'key.malformed' });
  });
});
