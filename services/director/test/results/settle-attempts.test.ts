import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { noCounts } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { rows } from '../../src/database/statement.ts';
import type { Grant } from '../../src/grants/grant.store.ts';
import type { Epoch } from '../../src/leadership/leader.store.ts';
import { ResultAcceptance } from '../../src/results/accept-results.ts';
import { settleAttempts, type AttemptEnding } from '../../src/results/settle-attempts.ts';
import { readRun } from '../../src/runs/list-runs.ts';
import { stopRun } from '../../src/runs/stop-run.ts';
import { postgresForTests } from '../../testing/fixtures/postgres.ts';
import { backupResult, Installation, pointOf } from '../../testing/installation.ts';

const postgres = postgresForTests();
let database: DataSource;
let installation: Installation;
let transporterId: string;
let epoch: Epoch;

beforeEach(async () => {
  database = await postgres.fresh();
  installation = await Installation.create(database);
  transporterId = await installation.transporter();
  epoch = await installation.epoch();
});

/** A run whose tasks are all running. */
async function running(mailboxes: number): Promise<{ runId: string; grants: Grant[] }> {
  const laneId = await installation.job({ mailboxes, limit: null });
  const { runId } = await installation.start(laneId);
  return { runId, grants: await installation.grant({ epoch, laneId, transporterId, count: mailboxes }) };
}

const reported = (result: ReturnType<typeof backupResult>, senderId = transporterId): AttemptEnding => ({
  by: 'holder',
  result,
  senderId,
});
const lost = ({ taskId, fence }: Grant): AttemptEnding => ({ by: 'director', taskId, fence, outcome: 'lost' });

async function taskOf(grant: Grant) {
  const [task] = await rows<{ state: string; slot: number | null; failures: number; losses: number; waits: boolean }>(
    database,
    `select state, slot, failures, losses, coalesce(not_before > now(), false) as waits from tasks where id = $1`,
    [grant.taskId],
  );
  return task;
}

function first(grants: Grant[]): Grant {
  const [grant] = grants;
  if (grant === undefined) throw new Error('Something was to be granted.');
  return grant;
}

describe('Settling attempts', () => {
  test('keeps result, point and attempt, and ends the run with its last task', async () => {
    const { runId, grants } = await running(2);
    await settleAttempts(database, [reported(backupResult(first(grants)))]);
    expect((await readRun(database, runId)).state).toBe('running');
    await settleAttempts(
      database,
      grants.slice(1).map((grant) => reported(backupResult(grant))),
    );

    const run = await readRun(database, runId);
    expect(run).toMatchObject({ state: 'ended', outcome: 'succeeded', tasksEnded: 2, tasksTotal: 2 });
    expect(run.tasks).toMatchObject({ succeeded: 2, running: 0, queued: 0 });
    expect(run.counts).toEqual({ ...noCounts(), itemsTotal: 20, itemsNew: 20, bytesRead: 2_000, bytesStored: 800 });
    const points = await rows(database, 'select fence, status, item_count, kinds from points order by fence');
    expect(points).toEqual(grants.map(({ fence }) => ({ fence, status: 'complete', item_count: 10, kinds: ['mail'] })));
    const attempts = await rows(database, `select outcome, ended_at is not null as ended from attempts`);
    expect(attempts).toEqual(grants.map(() => ({ outcome: 'succeeded', ended: true })));
  });

  test('takes the same result once, however often it comes, within a batch and later', async () => {
    const { runId, grants } = await running(2);
    const result = reported(backupResult(first(grants)));
    const verdicts = (await settleAttempts(database, [result, result, result])).map(({ verdict }) => verdict);
    expect(verdicts).toEqual(['accepted', 'stale', 'stale']);
    expect((await settleAttempts(database, [result])).map(({ verdict }) => verdict)).toEqual(['stale']);
    expect((await readRun(database, runId)).tasksEnded).toBe(1);
    expect(await rows(database, 'select from points')).toHaveLength(1);
  });

  test('takes the same result once when several processes accept it at the same instant', async () => {
    const { runId, grants } = await running(8);
    const results = grants.map((grant) => reported(backupResult(grant)));
    const backwards = [...results].reverse();
    const settled = await Promise.all([results, backwards, results].map((batch) => settleAttempts(database, batch)));
    expect(settled.flat().filter(({ verdict }) => verdict === 'accepted')).toHaveLength(8);
    expect(await readRun(database, runId)).toMatchObject({ tasksEnded: 8, state: 'ended' });
  });

  test('believes only the holder on record under the fence on record', async () => {
    const { grants } = await running(1);
    const grant = first(grants);
    const stranger = await installation.transporter();
    const settled = await settleAttempts(database, [
      reported(backupResult(grant), stranger),
      reported(backupResult({ ...grant, fence: grant.fence + 1 })),
      reported(backupResult({ ...grant, taskId: randomUUID() })),
      reported(backupResult({ ...grant, taskId: 'no-uuid-at-all' })),
    ]);
    expect(settled.map(({ verdict }) => verdict)).toEqual(['stale', 'stale', 'stale', 'stale']);
    expect(await taskOf(grant)).toMatchObject({ state: 'running' });
    expect(await rows(database, 'select from points')).toEqual([]);
  });

  test('refuses the result of an attempt that was lost meanwhile', async () => {
    const { grants } = await running(1);
    const grant = first(grants);
    await settleAttempts(database, [lost(grant)]);
    const [late] = await settleAttempts(database, [reported(backupResult(grant))]);
    expect(late?.verdict).toBe('stale');
    expect(await taskOf(grant)).toMatchObject({ state: 'queued', losses: 1, slot: null });
  });

  test('adds outcomes up: failed before cancelled before warning before success', async () => {
    const { runId, grants } = await running(3);
    const [good, warned, failed] = grants as [Grant, Grant, Grant];
    await settleAttempts(database, [
      reported(backupResult(good)),
      reported(backupResult(warned, { outcome: 'warning' })),
      reported(
        backupResult(failed, {
          outcome: 'failed',
          failure: { kind: 'forbidden', code: 'graph.forbidden', message: 'No licence.', retry: 'never' },
        }),
      ),
    ]);
    const run = await readRun(database, runId);
    expect(run).toMatchObject({ state: 'ended', outcome: 'failed' });
    expect(run.tasks).toMatchObject({ succeeded: 1, warning: 1, failed: 1 });
  });

  test('calls no backup a success that has no point, or the point of another chain', async () => {
    const { grants } = await running(3);
    const [none, foreign, flawed] = grants as [Grant, Grant, Grant];
    const { point: _none, ...withoutPoint } = backupResult(none);
    await settleAttempts(database, [
      reported(withoutPoint),
      reported(backupResult(foreign, { point: pointOf(none) })),
      reported(backupResult(flawed, { counts: { ...noCounts(), itemsFailed: 1 } })),
    ]);
    expect(await taskOf(none)).toMatchObject({ state: 'failed' });
    expect(await taskOf(foreign)).toMatchObject({ state: 'failed' });
    expect(await taskOf(flawed)).toMatchObject({ state: 'warning' });
    expect(await rows(database, 'select fence from points')).toEqual([{ fence: flawed.fence }]);
  });

  test('sends a retryable failure back to the queue with a pause, and keeps the reason', async () => {
    const { runId, grants } = await running(1);
    const grant = first(grants);
    const failure = { kind: 'unavailable', code: 'graph.unavailable', message: '503', retry: 'later' } as const;
    const { point: _none, ...result } = backupResult(grant, { outcome: 'failed', failure });
    await settleAttempts(database, [reported(result)]);
    expect(await taskOf(grant)).toMatchObject({ state: 'queued', failures: 1, waits: true });
    expect(await readRun(database, runId)).toMatchObject({ state: 'running', tasksEnded: 0 });
    expect(await rows(database, 'select outcome, failure from attempts')).toEqual([{ outcome: 'failed', failure }]);
    expect(await rows(database, 'select cause, result from tasks')).toEqual([{ cause: failure, result: null }]);
  });

  test('ends a stopped run as cancelled once its last holder is lost', async () => {
    const { runId, grants } = await running(1);
    await stopRun(database, runId);
    expect(await readRun(database, runId)).toMatchObject({ state: 'stopping', outcome: null });
    await settleAttempts(database, [lost(first(grants))]);
    expect(await readRun(database, runId)).toMatchObject({ state: 'ended', outcome: 'cancelled' });
  });

  test('gives up a task that was lost five times and says why', async () => {
    const laneId = await installation.job({ mailboxes: 1 });
    const { runId } = await installation.start(laneId);
    for (let loss = 1; loss <= 5; loss += 1) {
      await settleAttempts(database, (await installation.grant({ epoch, laneId, transporterId, count: 1 })).map(lost));
    }
    expect(await readRun(database, runId)).toMatchObject({ state: 'ended', outcome: 'failed' });
    const [task] = await rows<{ code: string }>(database, `select result #>> '{failure,code}' as code from tasks`);
    expect(task?.code).toBe('task.lost-too-often');
  });

  test('stores names that PostgreSQL would refuse as they are', async () => {
    const { grants } = await running(1);
    const issue = {
      itemId: 'i\0',
      folderPath: 'a\0b/\ud800',
      result: 'skipped' as const,
      failure: { kind: 'unreadable' as const, code: 'item.unreadable', message: 'x', retry: 'never' as const },
    };
    const [settled] = await settleAttempts(database, [
      reported(backupResult(first(grants), { outcome: 'warning', issues: [issue] })),
    ]);
    expect(settled?.verdict).toBe('accepted');
    const [task] = await rows<{ path: string }>(
      database,
      `select result #>> '{issues,0,folderPath}' as path from tasks`,
    );
    expect(task?.path).toBe('a\uFFFDb/\uFFFD');
  });

  test('one result that the database refuses does not hold up the others', async () => {
    const { grants } = await running(3);
    const [good, bad, other] = grants as [Grant, Grant, Grant];
    const acceptance = new ResultAcceptance(database);
    const verdicts = await Promise.all([
      acceptance.accept(backupResult(good), transporterId),
      acceptance.accept(backupResult(bad, { point: { ...pointOf(bad), sequence: 2 ** 40 } }), transporterId),
      acceptance.accept(backupResult(other), transporterId),
    ]);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['accepted', 'stale', 'accepted']);
    expect(await taskOf(bad)).toMatchObject({ state: 'running' });
  });
});
