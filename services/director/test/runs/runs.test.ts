import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { noCounts } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { rows } from '../../src/database/statement.ts';
import { storeProgress } from '../../src/progress/store-progress.ts';
import { settleAttempts } from '../../src/results/settle-attempts.ts';
import { listRuns, readRun } from '../../src/runs/list-runs.ts';
import { listTasks, readTask } from '../../src/runs/list-tasks.ts';
import { retryFailed } from '../../src/runs/retry-failed.ts';
import { stopRun } from '../../src/runs/stop-run.ts';
import { failureText } from '../../testing/failure-text.ts';
import { postgresForTests } from '../../testing/fixtures/postgres.ts';
import { backupResult, Installation } from '../../testing/installation.ts';

const postgres = postgresForTests();
let database: DataSource;
let installation: Installation;

beforeEach(async () => {
  database = await postgres.fresh();
  installation = await Installation.create(database);
});

const nobodyKnows = () => null;

describe('Stopping a run', () => {
  test('cancels what is queued at once and marks what runs', async () => {
    const jobId = await installation.job({ mailboxes: 3 });
    const { runId } = await installation.start(jobId);
    const transporterId = await installation.transporter();
    const epoch = await installation.epoch();
    const [grant] = await installation.grant({ epoch, laneId: jobId, transporterId, count: 1 });
    expect(await stopRun(database, runId)).toEqual({ cancelled: 2, stopping: 1 });
    const run = await readRun(database, runId);
    expect(run).toMatchObject({ state: 'stopping', tasksEnded: 2, tasks: { cancelled: 2, running: 1 } });
    expect(await readTask(database, grant?.taskId ?? '', nobodyKnows)).toMatchObject({ cancelRequested: true });
    expect(await stopRun(database, runId)).toEqual({ cancelled: 0, stopping: 1 });
  });

  test('ends a run at once of which nothing runs, and then refuses', async () => {
    const jobId = await installation.job({ mailboxes: 2 });
    const { runId } = await installation.start(jobId);
    await stopRun(database, runId);
    expect(await readRun(database, runId)).toMatchObject({ state: 'ended', outcome: 'cancelled', tasksEnded: 2 });
    expect(await failureText(stopRun(database, runId))).toBe('conflict run.ended');
    expect(await failureText(stopRun(database, randomUUID()))).toBe('not-found run.not-found');
    expect((await installation.start(jobId)).tasks).toBe(2);
  });
});

describe('Retrying what failed', () => {
  test('starts a run over the failed and cancelled objects that the job still protects', async () => {
    const mailboxes = await installation.mailboxes(3);
    const jobId = await installation.job({ mailboxes });
    const { runId } = await installation.start(jobId);
    expect(await failureText(retryFailed(database, runId))).toBe('conflict run.not-ended');
    const transporterId = await installation.transporter();
    const epoch = await installation.epoch();
    const grants = await installation.grant({ epoch, laneId: jobId, transporterId, count: 3 });
    await settleAttempts(
      database,
      grants.map((grant, index) => ({
        by: 'holder',
        senderId: transporterId,
        result: backupResult(grant, { outcome: index === 0 ? 'succeeded' : 'failed' }),
      })),
    );
    const dropped = grants[1]?.spec.object.id;
    await rows(database, 'delete from job_objects where object_id = $1', [dropped]);
    const retried = await retryFailed(database, runId);
    const items = await listTasks(database, { runId: retried.runId, limit: 50 }, nobodyKnows);
    expect(items.map((task) => task.object.objectId)).toEqual([grants[2]?.spec.object.id]);
  });

  test('refuses when nothing failed', async () => {
    const jobId = await installation.job({ mailboxes: 1 });
    const { runId } = await installation.start(jobId);
    const transporterId = await installation.transporter();
    const epoch = await installation.epoch();
    const grants = await installation.grant({ epoch, laneId: jobId, transporterId, count: 1 });
    await settleAttempts(
      database,
      grants.map((grant) => ({ by: 'holder', senderId: transporterId, result: backupResult(grant) })),
    );
    expect(await failureText(retryFailed(database, runId))).toBe('invalid-input run.nothing-to-retry');
  });
});

describe('Looking at runs', () => {
  test('pages through all of them, newest first, without losing or repeating one', async () => {
    const started: string[] = [];
    for (let n = 0; n < 7; n += 1) {
      started.unshift((await installation.start(await installation.job({ mailboxes: 1 }))).runId);
    }
    const seen: string[] = [];
    let after: string[] | null = null;
    do {
      const found = await listRuns(database, { limit: 3, after });
      const page = found.slice(0, 3);
      seen.push(...page.map((run) => run.runId));
      const last = page.at(-1);
      after = found.length > 3 && last !== undefined ? [last.startedAtText, last.runId] : null;
    } while (after !== null);
    expect(seen).toEqual(started);
  });

  test('counts what runs as far as it has come, of the present holder only', async () => {
    const jobId = await installation.job({ mailboxes: 2 });
    const { runId } = await installation.start(jobId);
    const transporterId = await installation.transporter();
    const epoch = await installation.epoch();
    const [one, two] = await installation.grant({ epoch, laneId: jobId, transporterId, count: 2 });
    if (one === undefined || two === undefined) throw new Error('Two were to be granted.');
    const report = (grant: typeof one, itemsNew: number, changes: { fence?: number; senderId?: string } = {}) => ({
      senderId: changes.senderId ?? transporterId,
      progress: {
        taskId: grant.taskId,
        fence: changes.fence ?? grant.fence,
        phase: 'transferring' as const,
        counts: { ...noCounts(), itemsNew },
        at: '2026-01-01T00:00:00.000Z',
      },
    });
    expect(await storeProgress(database, [report(one, 3), report(one, 5), report(two, 7)])).toBe(2);
    expect((await readRun(database, runId)).counts.itemsNew).toBe(12);
    const foreign = [
      report(one, 100, { fence: one.fence - 1 }),
      report(two, 100, { senderId: randomUUID() }),
      report({ ...two, taskId: 'nonsense' }, 100),
    ];
    expect(await storeProgress(database, foreign)).toBe(0);
    await settleAttempts(database, [{ by: 'holder', senderId: transporterId, result: backupResult(one) }]);
    expect((await readRun(database, runId)).counts.itemsNew).toBe(17);
  });

  test('lists tasks with who works on them and why they wait, and one task with its attempts', async () => {
    const jobId = await installation.job({ mailboxes: 3, limit: 1 });
    const { runId } = await installation.start(jobId);
    const transporterId = await installation.transporter('North');
    const epoch = await installation.epoch();
    const [grant] = await installation.grant({ epoch, laneId: jobId, transporterId, count: 1 });
    const tasks = await listTasks(database, { runId, limit: 2 }, nobodyKnows);
    expect(new Set(tasks.map((task) => task.taskId)).size).toBe(3);
    const rest = await listTasks(database, { runId, limit: 2, after: [tasks[1]?.taskId ?? ''] }, nobodyKnows);
    expect(rest.map((task) => task.taskId)).toEqual([tasks[2]?.taskId]);
    expect(tasks.find((task) => task.state === 'running')).toMatchObject({
      transporter: { transporterId, name: 'North' },
      attempts: 1,
      waiting: null,
    });
    const filter = { runId, state: 'queued', limit: 50 } as const;
    const queued = await listTasks(database, filter, () => ({ code: 'limit', message: 'full' }));
    expect(queued.map((task) => task.waiting)).toEqual([
      { code: 'limit', message: 'full' },
      { code: 'limit', message: 'full' },
    ]);
    await settleAttempts(database, [
      { by: 'director', taskId: grant?.taskId ?? '', fence: grant?.fence ?? 0, outcome: 'lost' },
    ]);
    const task = await readTask(database, grant?.taskId ?? '', nobodyKnows);
    expect(task).toMatchObject({ state: 'queued', losses: 1, failure: { code: 'task.holder-lost' } });
    expect(task.history).toMatchObject([{ fence: grant?.fence, outcome: 'lost', transporter: { name: 'North' } }]);
    expect(await failureText(readTask(database, randomUUID(), nobodyKnows))).toBe('not-found task.not-found');
  });
});
