import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { rows } from '../../src/database/statement.ts';
import { settleAttempts } from '../../src/results/settle-attempts.ts';
import { apiForTests, installationForTests } from '../../testing/fixtures/api.ts';
import { backupResult } from '../../testing/installation.ts';

const api = apiForTests();
const installation = installationForTests(api);
beforeEach(async () => {
  await rows(api.database, 'truncate runs, tasks, attempts, points cascade');
});

const get = async (path: string) => (await api.call('GET', path, { as: 'viewer' })).body;
const idsOf = (items: { id: string }[]) => items.map(({ id }) => id);

/** Runs a job over new mailboxes to its end; the outcomes of its tasks in any order. */
async function ended(outcomes: ('succeeded' | 'warning' | 'failed')[]) {
  const jobId = await installation.job({ mailboxes: outcomes.length, limit: null });
  const { runId } = await installation.start(jobId);
  const transporterId = await installation.transporter();
  const epoch = await installation.epoch();
  const grants = await installation.grant({ epoch, laneId: jobId, transporterId, count: outcomes.length });
  await settleAttempts(
    api.database,
    grants.map((grant, index) => {
      const outcome = outcomes[index] ?? 'succeeded';
      return { by: 'holder', senderId: transporterId, result: backupResult(grant, ending(outcome)) };
    }),
  );
  return { jobId, runId, grants };
}

function ending(outcome: 'succeeded' | 'warning' | 'failed') {
  const failure = {
    kind: 'unreadable' as const,
    code: 'graph.item-unreadable',
    message: 'Microsoft cannot convert it.',
    retry: 'never' as const,
    where: { url: 'https://graph.microsoft.com/secret-path' },
  };
  if (outcome === 'succeeded') return {};
  if (outcome === 'failed') return { outcome, failure };
  return { outcome, issues: [{ itemId: 'AAMk1', folderPath: 'Inbox', result: 'skipped' as const, failure }] };
}

describe('a run', () => {
  test('that ended with a warning names the items, their reason and the point', async () => {
    const { runId, grants } = await ended(['warning']);
    expect(await get(`/runs/${runId}`)).toMatchObject({
      state: 'ended',
      outcome: 'warning',
      tasksTotal: 1,
      tasksEnded: 1,
      tasks: { warning: 1, queued: 0 },
      counts: { itemsNew: 10 },
    });
    const task = await get(`/runs/${runId}/tasks/${grants[0]?.taskId}`);
    expect(task).toMatchObject({
      state: 'warning',
      issues: [{ itemId: 'AAMk1', folderPath: 'Inbox', result: 'skipped' }],
      history: [{ outcome: 'warning', transporter: { name: expect.any(String) } }],
    });
    expect(task.issues[0].failure.code).toBe('graph.item-unreadable');
    expect((await get(`/points/${task.pointId}`)).itemCount).toBe(10);
  });

  test('tells the reason of a failure without the addresses it was about', async () => {
    const { runId } = await ended(['failed']);
    const { text } = await api.call('GET', `/runs/${runId}/tasks`);
    expect(text).toContain('graph.item-unreadable');
    expect(text).not.toContain('secret-path');
  });

  test.each([
    [['succeeded', 'succeeded'], 'succeeded'],
    [['succeeded', 'warning'], 'warning'],
    [['warning', 'failed'], 'failed'],
  ] as const)('of tasks that ended as %j is a run that %s', async (outcomes, outcome) => {
    const { runId } = await ended([...outcomes]);
    expect((await get(`/runs/${runId}`)).outcome).toBe(outcome);
  });

  test.each(['', '/tasks', `/tasks/${randomUUID()}`, '/events'])('that is not there has no %s', async (path) => {
    const { status, body } = await api.call('GET', `/runs/${randomUUID()}${path}`);
    expect([status, body.code]).toEqual([404, path.length > 10 ? 'task.not-found' : 'run.not-found']);
  });
});

describe('retrying what failed', () => {
  test('starts a run over that alone', async () => {
    const { runId, grants } = await ended(['succeeded', 'failed', 'warning']);
    const retried = await api.call('POST', `/runs/${runId}:retry-failed`, { as: 'operator', body: {} });
    expect([retried.status, retried.headers.get('location')]).toEqual([202, `/api/v1/runs/${retried.body.id}`]);
    const { items } = await get(`/runs/${retried.body.id}/tasks`);
    expect(items.map((task: { object: { id: string } }) => task.object.id)).toEqual([grants[1]?.spec.object.id]);
  });

  test('of a run that still runs, or in which nothing failed, is refused', async () => {
    const { runId: running } = await installation.start(await installation.job({ mailboxes: 1 }));
    const { runId: good } = await ended(['succeeded']);
    const codes = [];
    for (const id of [running, good, randomUUID()]) {
      codes.push((await api.call('POST', `/runs/${id}:retry-failed`, { body: {} })).body.code);
    }
    expect(codes).toEqual(['run.not-ended', 'run.nothing-to-retry', 'run.not-found']);
    expect(await rows(api.database, 'select from runs')).toHaveLength(2);
  });

  test('twice under one Idempotency-Key starts one run', async () => {
    const { runId } = await ended(['failed']);
    const headers = { 'idempotency-key': randomUUID() };
    const first = await api.call('POST', `/runs/${runId}:retry-failed`, { body: {}, headers });
    const again = await api.call('POST', `/runs/${runId}:retry-failed`, { body: {}, headers });
    expect([again.status, again.body, again.headers.get('location')]).toEqual([
      202,
      first.body,
      first.headers.get('location'),
    ]);
    expect(await rows(api.database, 'select from runs')).toHaveLength(2);
  });
});

describe('stopping', () => {
  test('tells what will not start and what ends at its next safe point', async () => {
    const jobId = await installation.job({ mailboxes: 3 });
    const { runId } = await installation.start(jobId);
    const transporterId = await installation.transporter();
    await installation.grant({ epoch: await installation.epoch(), laneId: jobId, transporterId, count: 1 });
    const stopped = await api.call('POST', `/runs/${runId}:stop`, { as: 'operator' });
    expect([stopped.status, stopped.body]).toEqual([202, { cancelled: 2, stopping: 1 }]);
    expect(await get(`/runs/${runId}`)).toMatchObject({ state: 'stopping', outcome: null });
    const { items } = await get(`/runs/${runId}/tasks?state=running`);
    expect(items).toMatchObject([{ cancelRequested: true }]);
  });

  test('of a run that is not there is refused', async () => {
    expect((await api.call('POST', `/runs/${randomUUID()}:stop`)).body.code).toBe('run.not-found');
  });
});

describe('the list of runs', () => {
  test('is newest first and can be narrowed by job, kind and state', async () => {
    const first = await ended(['succeeded']);
    const second = await installation.start(await installation.job({ mailboxes: 1 }));
    expect(idsOf((await get('/runs')).items)).toEqual([second.runId, first.runId]);
    expect(idsOf((await get(`/runs?jobId=${first.jobId}`)).items)).toEqual([first.runId]);
    expect(idsOf((await get('/runs?state=running&kind=backup')).items)).toEqual([second.runId]);
    expect((await get('/runs?kind=restore')).items).toEqual([]);
  });

  test('is walked in pages while runs are added', async () => {
    const before: string[] = [];
    const start = async () => (await installation.start(await installation.job({ mailboxes: 1 }))).runId;
    for (let count = 0; count < 7; count += 1) before.unshift(await start());
    const walked: string[] = [];
    for (let path: string | null = '/runs?limit=3'; path !== null;) {
      const page: { items: { id: string }[]; nextCursor: string | null } = await get(path);
      walked.push(...idsOf(page.items));
      path = page.nextCursor === null ? null : `/runs?limit=3&cursor=${page.nextCursor}`;
      await start();
    }
    expect(walked).toEqual(before);
  });

  test.each(['?kind=backups', '?state=done', '?jobId=1', '?limit=0', '?limit=201', '?after=x'])(
    'with %s is refused',
    async (query) => {
      const { status, body } = await api.call('GET', `/runs${query}`);
      expect([status, body.errors[0].pointer]).toEqual([422, query.split('=')[0]]);
    },
  );

  test('takes no cursor of other filters', async () => {
    for (let count = 0; count < 2; count += 1) await ended(['succeeded']);
    const { nextCursor } = await get('/runs?limit=1&state=ended');
    const { status, body } = await api.call('GET', `/runs?limit=1&state=running&cursor=${nextCursor}`);
    expect([status, body.errors[0].code]).toEqual([422, 'cursor-invalid']);
  });
});
