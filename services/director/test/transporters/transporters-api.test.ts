import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '@backhaul/domain';
import { FakeClock } from '@backhaul/domain/testing';
import { createUser } from '@nats-io/nkeys';
import { exportJWK, generateKeyPair } from 'jose';
import { rows } from '../../src/database/statement.ts';
import { apiForTests } from '../../testing/fixtures/api.ts';

const clock = new FakeClock(systemClock().now().toISOString());
const api = apiForTests(() => ({ clock }));
beforeEach(async () => {
  await rows(api.database, 'truncate transporters, join_tokens cascade');
});

const joinToken = async () => (await api.call('POST', '/transporters/join-tokens', { body: {} })).body.joinToken;

async function enrolRequest(changes: object = {}) {
  const { publicKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true });
  const { kty, crv, x, y } = await exportJWK(publicKey);
  return {
    joinToken: await joinToken(),
    name: `Transporter ${randomUUID()}`,
    natsPublicKey: createUser().getPublicKey(),
    sealingKey: { kty, crv, x, y },
    ...changes,
  };
}
const enrol = async (changes: object = {}) =>
  api.call('POST', '/transporters:enrol', { as: null, body: await enrolRequest(changes) });
const names = async () =>
  (await api.call('GET', '/transporters')).body.items.map((one: { name: string }) => one.name) as string[];

describe('a join token', () => {
  test('lets exactly one Transporter in', async () => {
    const token = await joinToken();
    const first = await enrol({ joinToken: token, name: 'North' });
    expect(first).toMatchObject({
      status: 201,
      body: { transporterId: expect.any(String), natsCredentialsJwt: 'jwt', directorPublicKey: { kty: 'OKP' } },
    });
    expect((await enrol({ joinToken: token, name: 'South' })).body).toMatchObject({
      status: 401,
      code: 'join-token.invalid',
      errors: [{ pointer: '/joinToken' }],
    });
    expect(await names()).toEqual(['North']);
  });

  test('of two Transporters at the same instant lets one in', async () => {
    const token = await joinToken();
    const answers = await Promise.all([enrol({ joinToken: token }), enrol({ joinToken: token })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 401]);
    expect(await names()).toHaveLength(1);
  });

  test('ends at its time', async () => {
    const token = await joinToken();
    await rows(api.database, `update join_tokens set expires_at = now() - interval '1 second'`);
    expect((await enrol({ joinToken: token })).body.code).toBe('join-token.invalid');
    expect(await names()).toEqual([]);
  });

  test('that fails for another reason can be used again', async () => {
    await enrol({ name: 'North' });
    const token = await joinToken();
    const refused = await enrol({ joinToken: token, name: 'NORTH' });
    expect([refused.status, refused.body.code]).toEqual([409, 'transporter.enrolled-already']);
    expect((await enrol({ joinToken: token, name: 'South' })).status).toBe(201);
  });

  test('is needed to learn which names and keys there are', async () => {
    const known = await enrolRequest({ name: 'North' });
    await api.call('POST', '/transporters:enrol', { as: null, body: known });
    const { natsPublicKey } = known;
    for (const guess of [{ name: 'North' }, { natsPublicKey }]) {
      expect((await enrol({ joinToken: 'bhj_guessed', ...guess })).body.code).toBe('join-token.invalid');
    }
  });

  test('that is guessed too often makes the address wait; other mistakes do not', async () => {
    const forgottenMs = 31 * 60_000;
    await clock.advance(forgottenMs);
    for (let count = 0; count < 8; count += 1) expect((await enrol({ name: '' })).status).toBe(422);
    const statuses: number[] = [];
    for (let count = 0; count < 6; count += 1) statuses.push((await enrol({ joinToken: 'bhj_guessed' })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    await clock.advance(1_000);
    expect((await enrol()).status).toBe(201);
    await clock.advance(forgottenMs);
  });

  test.each([{ minutes: 0 }, { minutes: 1441 }, { minutes: 1.5 }, { minutes: '60' }])(
    'of %j is not made',
    async (body) => {
      const { status, body: problem } = await api.call('POST', '/transporters/join-tokens', { body });
      expect([status, problem.errors[0].pointer]).toEqual([422, '/minutes']);
      expect(await rows(api.database, 'select from join_tokens')).toEqual([]);
    },
  );
});

describe('enrolment with', () => {
  test.each([
    ['an empty name', { name: ' ' }, '/name'],
    ['a name of 101 characters', { name: 'x'.repeat(101) }, '/name'],
    ['a line break in its name', { name: 'a\nb' }, '/name'],
    ['a NATS key that is none', { natsPublicKey: 'UABC' }, '/natsPublicKey'],
    ['the NATS key of an account', { natsPublicKey: `A${'A'.repeat(55)}` }, '/natsPublicKey'],
    ['a sealing key on another curve', { sealingKey: { kty: 'EC', crv: 'P-521', x: 'AA', y: 'AA' } }, '/sealingKey'],
    ['a sealing key that is none', { sealingKey: { kty: 'OKP', crv: 'X25519', x: '!' } }, '/sealingKey'],
    ['a private half', { sealingKey: { kty: 'OKP', crv: 'X25519', x: 'AA', d: 'AA' } }, '/sealingKey/d'],
  ])('%s is refused, and the token stays good', async (_name, wrong, pointer) => {
    const token = await joinToken();
    const { status, body } = await enrol({ joinToken: token, ...wrong });
    expect([status, body.errors.map((error: { pointer: string }) => error.pointer)]).toEqual([422, [pointer]]);
    expect(await names()).toEqual([]);
    expect((await enrol({ joinToken: token })).status).toBe(201);
  });
});

describe('an enrolled Transporter', () => {
  const enrolled = async () => (await enrol()).body.transporterId as string;
  const state = async (id: string) => (await api.call('GET', `/transporters/${id}`, { as: 'viewer' })).body.state;
  const hear = (id: string) =>
    rows(api.database, 'update transporters set last_seen_at = clock_timestamp(), slots = 4 where id = $1', [id]);

  test('is offline until it is heard, and again when it falls silent', async () => {
    const id = await enrolled();
    expect(await state(id)).toBe('offline');
    await hear(id);
    expect(await state(id)).toBe('online');
    await rows(api.database, `update transporters set last_seen_at = now() - interval '16 seconds'`);
    expect(await state(id)).toBe('offline');
  });

  test('drains and works again', async () => {
    const id = await enrolled();
    await hear(id);
    const drained = await api.call('POST', `/transporters/${id}:drain`, { as: 'operator' });
    expect([drained.status, drained.body.state, await state(id)]).toEqual([200, 'draining', 'draining']);
    expect((await api.call('POST', `/transporters/${id}:resume`, { as: 'operator' })).body.state).toBe('online');
  });

  test('is shown as a twin while another process with its id is heard', async () => {
    const id = await enrolled();
    await hear(id);
    await rows(api.database, `update transporters set twin_boot = 'other', twin_seen_at = clock_timestamp()`);
    const { body } = await api.call('GET', `/transporters/${id}`);
    expect([body.state, body.twinSeenAt]).toEqual(['twin', expect.any(String)]);
  });

  test('is revoked for good by administrators alone', async () => {
    const id = await enrolled();
    expect((await api.call('POST', `/transporters/${id}:revoke`, { as: 'operator' })).status).toBe(403);
    const revoked = await api.call('POST', `/transporters/${id}:revoke`);
    expect(revoked.body).toMatchObject({ state: 'revoked', revokedAt: expect.any(String) });
    expect((await api.call('POST', `/transporters/${id}:revoke`)).body).toEqual(revoked.body);
    await api.call('POST', `/transporters/${id}:resume`);
    await hear(id);
    expect(await state(id)).toBe('revoked');
  });

  test.each(['drain', 'resume', 'revoke'])('that is not there cannot %s', async (action) => {
    const { status, body } = await api.call('POST', `/transporters/${randomUUID()}:${action}`);
    expect([status, body.code]).toEqual([404, 'transporter.not-found']);
  });

  test('is listed by name, with nothing of its keys', async () => {
    await enrol({ name: 'south' });
    await enrol({ name: 'North' });
    expect(await names()).toEqual(['North', 'south']);
    expect((await api.call('GET', '/transporters')).text).not.toMatch(/key|jwt|P-256/i);
  });
});
