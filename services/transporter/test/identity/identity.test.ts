import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadIdentity, saveIdentity, type Identity } from '../../src/identity/identity.ts';

let folder: string;

const identity: Identity = {
  transporterId: '0199b1a0-5c3e-7d10-9f5a-2b1e6c0d4f01',
  name: 'north',
  installation: 'installation-1',
  directorPublicKey: { kty: 'OKP' },
  natsJwt: 'jwt',
  natsSeed: 'SUSEED',
  sealingPrivateKey: { kty: 'EC' },
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-identity-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('The identity of a Transporter', () => {
  test('is none before the first enrolment', async () => {
    expect(await loadIdentity(folder)).toBeNull();
  });

  test('is found again, in one file that only its user can read', async () => {
    await saveIdentity(folder, identity);
    expect(await loadIdentity(folder)).toEqual(identity);
    expect(await readdir(folder)).toEqual(['identity.json']);
    expect((await stat(join(folder, 'identity.json'))).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['cut off', '{"transporterId": "0199'],
    ['without its keys', JSON.stringify({ ...identity, natsSeed: undefined })],
    ['empty', ''],
  ])('that is %s is refused with its path and what to do, and nothing of its content', async (_what, text) => {
    await writeFile(join(folder, 'identity.json'), text);
    const failure = await loadIdentity(folder).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'transporter.identity-unusable',
      message: `The identity of this Transporter in ${join(folder, 'identity.json')} cannot be used.`,
      hint: expect.stringContaining('join token'),
    });
    expect(`${(failure as Error).message}${(failure as { hint: string }).hint}`).not.toContain('0199b1a0');
  });
});
