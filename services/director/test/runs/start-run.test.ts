import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { isFailure } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { LISTEN_TO_CHANGES } from '../../src/database/announce.ts';
import { rows } from '../../src/database/statement.ts';
import { readRun } from '../../src/runs/list-runs.ts';
import { listTasks } from '../../src/runs/list-tasks.ts';
import { retryFailed } from '../../src/runs/retry-failed.ts';
import type { RestorePlan, RunScope } from '../../src/runs/run-options.ts';
import { startBackupRun } from '../../src/runs/start-backup-run.ts';
import { startRestoreRun } from '../../src/runs/start-restore-run.ts';
import { stopRun } from '../../src/runs/stop-run.ts';
import { failureText } from '../../testing/failure-text.ts';
import { postgresForTests } from '../../testing/fixtures/postgres.ts';
import { Installation } from '../../testing/installation.ts';

const postgres = postgresForTests();
let database: DataSource;
let installation: Installation;

beforeEach(async () => {
  database = await postgres.fresh();
  installation = await Installation.create(database);
});

const nobodyKnows = () => null;

describe('Starting a backup run', () => {
  test('copies the options and queues one task per object', async () => {
    const jobId = await installation.job({ mailboxes: 3 });
    const { runId, tasks } = await installation.start(jobId);
    expect(tasks).toBe(3);
    const run = await readRun(database, runId);
    expect(run).toMatchObject({ kind: 'backup', jobId, state: 'running', outcome: null, tasksTotal: 3, tasksEnded: 0 });
    expect(run.tasks).toMatchObject({ queued: 3 });
    await rows(database, `update jobs set name = 'renamed', item_kinds = '{contacts}' where id = $1`, [jobId]);
    expect((await readRun(database, runId)).options).toMatchObject({ jobName: `job ${jobId}`, itemKinds: ['mail'] });
  });

  test('takes only the chosen objects, each once', async () => {
    const mailboxes = await installation.mailboxes(4);
    const jobId = await installation.job({ mailboxes });
    const chosen = [mailboxes[2], mailboxes[0], mailboxes[2]] as string[];
    const scope: RunScope = { type: 'objects', objectIds: chosen };
    const { runId, tasks } = await startBackupRun(database, { jobId, scope, forceFull: true });
    expect(tasks).toBe(2);
    const items = await listTasks(database, { runId, limit: 50 }, nobodyKnows);
    expect(new Set(items.map((task) => task.object.objectId))).toEqual(new Set(chosen));
  });

  test('refuses an empty scope, a foreign object and an unknown job, and leaves nothing behind', async () => {
    const jobId = await installation.job({ mailboxes: 1 });
    const [stranger] = await installation.mailboxes(1);
    const start = (job: string, scope: RunScope) =>
      failureText(startBackupRun(database, { jobId: job, scope, forceFull: false }));
    expect(await start(jobId, { type: 'objects', objectIds: [] })).toBe('invalid-input run.scope-invalid');
    expect(await start(jobId, { type: 'objects', objectIds: [stranger as string] })).toBe(
      'invalid-input run.scope-invalid',
    );
    expect(await start(await installation.job({ mailboxes: [] }), { type: 'all' })).toBe(
      'invalid-input run.scope-invalid',
    );
    expect(await start(randomUUID(), { type: 'all' })).toBe('not-found job.not-found');
    expect(await rows(database, 'select from runs union all select from tasks')).toEqual([]);
  });

  test('lets one of several starts at the same instant through and names its run to the others', async () => {
    const jobId = await installation.job({ mailboxes: 2 });
    const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => installation.start(jobId)));
    const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.runId] : []));
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    expect(started).toHaveLength(1);
    expect(refused).toHaveLength(3);
    for (const error of refused) {
      expect(isFailure(error, 'conflict') && error.where['runId']).toBe(started[0]);
    }
  });

  test('tells the dispatcher when the transaction commits', async () => {
    const jobId = await installation.job({ mailboxes: 1 });
    const runner = database.createQueryRunner();
    const client = (await runner.connect()) as {
      on(event: 'notification', listener: (message: { payload: string }) => void): void;
    };
    const heard = new Promise((resolve) => client.on('notification', ({ payload }) => resolve(JSON.parse(payload))));
    await runner.query(LISTEN_TO_CHANGES);
    const { runId } = await installation.start(jobId);
    expect(await heard).toEqual({ type: 'run', runId });
    await runner.release();
  });
});

describe('Starting a restore', () => {
  const plan = (targets: string[], repositoryId: string): RestorePlan => ({
    restoreId: randomUUID(),
    repositoryId,
    targets: targets.map((objectId) => ({
      objectId,
      source: { jobId: randomUUID(), objectId, sequence: 1 },
      selection: { type: 'all', kinds: [] },
      placement: { type: 'original' },
      collision: 'skip',
      include: { fileVersions: false, filePermissions: false },
    })),
  });

  test('makes a lane of its own before every backup, with one task per target', async () => {
    const mailboxes = await installation.mailboxes(2);
    const { runId } = await startRestoreRun(database, { plan: plan(mailboxes, installation.repositoryId) });
    expect(await readRun(database, runId)).toMatchObject({
      kind: 'restore',
      jobId: null,
      jobName: null,
      tasksTotal: 2,
    });
    const lanes = await rows(database, `select kind, priority, task_limit from lanes`);
    expect(lanes).toEqual([{ kind: 'restore', priority: 0, task_limit: 3 }]);
  });

  test('refuses no target, a target twice, an unknown one and an unknown repository', async () => {
    const [mailbox] = (await installation.mailboxes(1)) as [string];
    const start = (targets: string[], repositoryId = installation.repositoryId) =>
      failureText(startRestoreRun(database, { plan: plan(targets, repositoryId) }));
    expect(await start([])).toBe('invalid-input restore.targets-invalid');
    expect(await start([mailbox, mailbox])).toBe('invalid-input restore.targets-invalid');
    expect(await start([randomUUID()])).toBe('invalid-input restore.targets-invalid');
    expect(await start([mailbox], randomUUID())).toBe('not-found repository.not-found');
    expect(await rows(database, 'select from runs union all select from lanes')).toEqual([]);
  });

  test('can be repeated for what failed, under the same restore id', async () => {
    const mailboxes = await installation.mailboxes(2);
    const restore = plan(mailboxes, installation.repositoryId);
    const { runId } = await startRestoreRun(database, { plan: restore });
    await rows(database, `update tasks set state = 'succeeded' where object_id = $1`, [mailboxes[0]]);
    await rows(database, `update runs set tasks_ended = 1`);
    await stopRun(database, runId);
    const again = await readRun(database, (await retryFailed(database, runId)).runId);
    expect(again.options).toMatchObject({
      plan: { restoreId: restore.restoreId, targets: [{ objectId: mailboxes[1] }] },
    });
  });
});
