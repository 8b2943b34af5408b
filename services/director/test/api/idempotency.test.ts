import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { rows } from '../../src/database/statement.ts';
import { apiForTests, inventoryForTests } from '../../testing/fixtures/api.ts';
import { newJob } from '../../testing/request-bodies.ts';

const api = apiForTests();
const inventory = inventoryForTests(api);

const create = async (changes: object = {}) =>
  (await api.call('POST', '/jobs', { body: newJob(inventory, changes) })).body;

describe('the same Idempotency-Key', () => {
  test('gives the same answer again and does the work once', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const body = newJob(inventory);
    const first = await api.call('POST', '/jobs', { body, headers: key });
    const again = await api.call('POST', '/jobs', { body, headers: key });
    expect([again.status, again.body, again.headers.get('etag')]).toEqual([201, first.body, '"1"']);
    expect([first.headers.get('idempotency-replayed'), again.headers.get('idempotency-replayed')]).toEqual([
      null,
      'true',
    ]);
  });

  test('with another body, or for another address, is refused', async () => {
    const key = { 'idempotency-key': randomUUID() };
    await api.call('POST', '/jobs', { body: newJob(inventory), headers: key });
    expect((await api.call('POST', '/jobs', { body: newJob(inventory), headers: key })).body.code).toBe(
      'idempotency.other-request',
    );
    const job = await create();
    expect((await api.call('POST', `/jobs/${job.id}:run`, { body: {}, headers: key })).body.code).toBe(
      'idempotency.other-request',
    );
  });

  test('of another caller is another key', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const one = await api.call('POST', '/jobs', { body: newJob(inventory), headers: key });
    const two = await api.call('POST', '/jobs', { body: newJob(inventory), headers: key, as: 'operator' });
    expect(two.body.id).not.toBe(one.body.id);
  });

  test('is free again after a refusal', async () => {
    const key = { 'idempotency-key': randomUUID() };
    expect(
      (await api.call('POST', '/jobs', { body: newJob(inventory, { repositoryId: randomUUID() }), headers: key }))
        .status,
    ).toBe(422);
    expect((await api.call('POST', '/jobs', { body: newJob(inventory), headers: key })).status).toBe(201);
  });

  test('in 100 parallel starts of a run starts exactly one', async () => {
    const job = await create();
    const headers = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => api.call('POST', `/jobs/${job.id}:run`, { body: {}, headers })),
    );
    const started = new Set(answers.filter(({ status }) => status === 202).map(({ body }) => body.id));
    expect(started.size).toBe(1);
    expect(
      answers.filter(({ status }) => status !== 202).every(({ body }) => body.code === 'idempotency.in-progress'),
    ).toBe(true);
    const runs = await rows(api.database, 'select id from runs where job_id = $1', [job.id]);
    expect(runs).toHaveLength(1);
  });

  test('whose first request was cut off says that nobody knows', async () => {
    const key = randomUUID();
    const body = newJob(inventory);
    await api.call('POST', '/jobs', { body, headers: { 'idempotency-key': key } });
    await rows(
      api.database,
      `update idempotency_keys set status = null, response = null, created_at = now() - interval '3 minutes' where key = $1`,
      [key],
    );
    const { status, body: problem } = await api.call('POST', '/jobs', { body, headers: { 'idempotency-key': key } });
    expect([status, problem.code]).toEqual([409, 'idempotency.outcome-unknown']);
  });

  test('of a form that is no key is refused', async () => {
    expect(
      (await api.call('POST', '/jobs', { body: newJob(inventory), headers: { 'idempotency-key': 'a b' } })).status,
    ).toBe(422);
  });
});
