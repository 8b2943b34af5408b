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

  test('while the first request is at work is told to wait, and gets its answer afterwards', async () => {
    const request = { body: newJob(inventory), headers: { 'idempotency-key': randomUUID() } };
    const holder = await lockedTable('jobs');
    const first = api.call('POST', '/jobs', request);
    await until(async () => (await keysKnown(request.headers['idempotency-key'])) === 1);
    const early = await api.call('POST', '/jobs', request);
    expect([early.status, early.body.code]).toEqual([409, 'idempotency.in-progress']);
    expect(Number(early.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    await holder.release();
    const made = await first;
    expect([made.status, (await api.call('POST', '/jobs', request)).body]).toEqual([201, made.body]);
  });

  test('is free again after 24 hours, and not before', async () => {
    const request = { body: newJob(inventory), headers: { 'idempotency-key': randomUUID() } };
    const age = (hours: number) =>
      rows(api.database, `update idempotency_keys set created_at = now() - make_interval(mins => $2) where key = $1`, [
        request.headers['idempotency-key'],
        hours * 60,
      ]);
    const first = await api.call('POST', '/jobs', request);
    await age(23.9);
    expect((await api.call('POST', '/jobs', request)).body).toEqual(first.body);
    await age(24.1);
    expect((await api.call('POST', '/jobs', request)).body.code).toBe('job.name-taken');
  });

  test('whose answer could not be kept is not free: the work may have been done', async () => {
    const request = { body: newJob(inventory), headers: { 'idempotency-key': randomUUID() } };
    await rows(
      api.database,
      'alter table idempotency_keys add constraint no_answers check (response is null) not valid',
    );
    const first = await api.call('POST', '/jobs', request);
    await rows(api.database, 'alter table idempotency_keys drop constraint no_answers');
    expect(first.status).toBe(500);
    expect((await api.call('POST', '/jobs', request)).body.code).toBe('idempotency.in-progress');
  });
});

describe('a secret that is shown once', () => {
  test('is shown again under the same key, and stands plainly nowhere', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const request = { body: { name: 'ci', role: 'viewer' }, headers };
    const first = await api.call('POST', '/tokens', request);
    const again = await api.call('POST', '/tokens', request);
    expect([again.body, again.headers.get('location')]).toEqual([first.body, first.headers.get('location')]);
    const [kept] = await rows<{ text: string }>(
      api.database,
      'select known::text as text from idempotency_keys known where key = $1',
      [headers['idempotency-key']],
    );
    expect(kept?.text).not.toContain(first.body.token);
    expect(kept?.text).not.toContain(first.body.id);
    const named = await rows(api.database, `select id from api_tokens where name = 'ci'`);
    expect(named).toHaveLength(1);
  });
});

/** A lock under which nothing is written into `table`, until it is released. */
async function lockedTable(table: 'jobs'): Promise<{ release: () => Promise<void> }> {
  const runner = api.database.createQueryRunner();
  await runner.startTransaction();
  await runner.query({ jobs: 'lock table jobs in exclusive mode' }[table]);
  return {
    release: async () => {
      await runner.commitTransaction();
      await runner.release();
    },
  };
}

async function keysKnown(key: string): Promise<number> {
  return (await rows(api.database, 'select from idempotency_keys where key = $1', [key])).length;
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 5));
}
