import { beforeEach, describe, expect, test } from '@jest/globals';
import { isFailure, Secret } from '@backhaul/domain';
import { createUser } from '@nats-io/nkeys';
import { exportJWK, generateKeyPair } from 'jose';
import type { DataSource } from 'typeorm';
import { rows } from '../../src/database/statement.ts';
import { enrol, type EnrolRequest, type Enroller } from '../../src/transporters/enrol.ts';
import { createJoinToken } from '../../src/transporters/join-tokens.ts';
import {
  drainTransporter,
  listTransporters,
  readTransporter,
  revokeTransporter,
  sealingKeyOf,
} from '../../src/transporters/transporter.store.ts';
import { postgresForTests } from '../../testing/fixtures/postgres.ts';

const postgres = postgresForTests();
let database: DataSource;

beforeEach(async () => {
  database = await postgres.fresh();
});

const enroller: Enroller = {
  installation: 'demo',
  directorPublicKey: { kty: 'OKP', crv: 'Ed25519', x: 'x' },
  mintCredentials: async ({ transporterId, natsPublicKey }) => `jwt of ${transporterId} for ${natsPublicKey}`,
};

async function request(changes: Partial<EnrolRequest> = {}): Promise<EnrolRequest> {
  const { publicKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true });
  const { token } = await createJoinToken(database, { validForMs: 60_000 });
  return {
    joinToken: token,
    name: 'North',
    natsPublicKey: createUser().getPublicKey(),
    sealingKey: { ...(await exportJWK(publicKey)) },
    ...changes,
  };
}

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (isFailure(error) ? `${error.code} ${error.where['field'] ?? ''}`.trim() : String(error)),
  );

describe('Enrolment', () => {
  test('gives a Transporter its id, its credential and the Director’s key, and keeps its public keys', async () => {
    const wish = await request();
    const enrolment = await enrol(database, enroller, wish);
    expect(enrolment).toEqual({
      transporterId: enrolment.transporterId,
      installation: 'demo',
      natsCredentialsJwt: `jwt of ${enrolment.transporterId} for ${wish.natsPublicKey}`,
      directorPublicKey: enroller.directorPublicKey,
    });
    expect(await sealingKeyOf(database, enrolment.transporterId)).toEqual(wish.sealingKey);
    expect(await readTransporter(database, enrolment.transporterId)).toMatchObject({ name: 'North', state: 'offline' });
  });

  test('keeps no join token, only its hash', async () => {
    const { token } = await createJoinToken(database, { validForMs: 60_000 });
    const [stored] = await rows<{ row: string }>(database, 'select join_tokens::text as row from join_tokens');
    expect(stored?.row).not.toContain(token.reveal().slice(4));
  });

  test('uses a join token once, even when two Transporters send it at the same instant', async () => {
    const first = await request();
    const second = await request({ name: 'South', joinToken: first.joinToken });
    const outcomes = await Promise.all([first, second].map((wish) => failureOf(enrol(database, enroller, wish))));
    expect(outcomes.sort()).toEqual(['done', 'join-token.invalid joinToken']);
    expect(await listTransporters(database, null, 200)).toHaveLength(1);
  });

  test('refuses a join token that is unknown or expired', async () => {
    expect(await failureOf(enrol(database, enroller, await request({ joinToken: new Secret('bhj_x') })))).toBe(
      'join-token.invalid joinToken',
    );
    const { token } = await createJoinToken(database, { validForMs: -1 });
    expect(await failureOf(enrol(database, enroller, await request({ joinToken: token })))).toBe(
      'join-token.invalid joinToken',
    );
    expect(await listTransporters(database, null, 200)).toEqual([]);
  });

  test('refuses a name or a NATS key that is enrolled already, without using the token up', async () => {
    const first = await request();
    await enrol(database, enroller, first);
    const sameName = await request({ name: ' nOrTh ' });
    expect(await failureOf(enrol(database, enroller, sameName))).toBe('transporter.enrolled-already name');
    const sameKey = await request({ name: 'South', natsPublicKey: first.natsPublicKey });
    expect(await failureOf(enrol(database, enroller, sameKey))).toBe('transporter.enrolled-already natsPublicKey');
    expect(await failureOf(enrol(database, enroller, { ...sameName, name: 'South' }))).toBe('done');
  });

  test.each<[string, Partial<EnrolRequest>]>([
    ['name', { name: '  ' }],
    ['name', { name: 'a\nb' }],
    ['name', { name: 'x'.repeat(101) }],
    ['natsPublicKey', { natsPublicKey: 'UABC' }],
    ['natsPublicKey', { natsPublicKey: '' }],
    ['sealingKey', { sealingKey: {} }],
    ['sealingKey', { sealingKey: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } }],
    ['sealingKey', { sealingKey: { kty: 'RSA', n: 'AA', e: 'AQAB' } }],
  ])('refuses a bad %s', async (field, changes) => {
    expect(await failureOf(enrol(database, enroller, await request(changes)))).toBe(`transporter.invalid ${field}`);
    expect(await listTransporters(database, null, 200)).toEqual([]);
  });

  test('does not store a private key that was sent by mistake', async () => {
    const { privateKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
    const { transporterId } = await enrol(
      database,
      enroller,
      await request({ sealingKey: { ...(await exportJWK(privateKey)) } }),
    );
    expect(Object.keys((await sealingKeyOf(database, transporterId)) ?? {}).sort()).toEqual(['crv', 'kty', 'x']);
  });

  test('leaves nothing behind when the credential cannot be made', async () => {
    const broken: Enroller = { ...enroller, mintCredentials: () => Promise.reject(new Error('no account key')) };
    const wish = await request();
    expect(await failureOf(enrol(database, broken, wish))).toBe('Error: no account key');
    expect(await listTransporters(database, null, 200)).toEqual([]);
    expect(await failureOf(enrol(database, enroller, wish))).toBe('done');
  });
});

describe('A Transporter', () => {
  test('is shown online while it is heard, draining when told so, and revoked for good', async () => {
    const { transporterId } = await enrol(database, enroller, await request());
    await rows(database, 'update transporters set last_seen_at = now(), slots = 4');
    expect(await readTransporter(database, transporterId)).toMatchObject({ state: 'online', slots: 4, running: 0 });
    await drainTransporter(database, transporterId, true);
    expect(await readTransporter(database, transporterId)).toMatchObject({ state: 'draining' });
    await rows(database, `update transporters set twin_boot = 'other', twin_seen_at = now()`);
    expect(await readTransporter(database, transporterId)).toMatchObject({ state: 'twin', twin: { boot: 'other' } });
    await revokeTransporter(database, transporterId);
    expect(await readTransporter(database, transporterId)).toMatchObject({ state: 'revoked' });
    expect(await sealingKeyOf(database, transporterId)).toBeNull();
  });

  test('that nobody enrolled is not found', async () => {
    const unknown = '00000000-0000-4000-8000-000000000000';
    expect(await failureOf(revokeTransporter(database, unknown))).toBe('transporter.not-found');
    expect(await failureOf(readTransporter(database, unknown))).toBe('transporter.not-found');
  });
});
