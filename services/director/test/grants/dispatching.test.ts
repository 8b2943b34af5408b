import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { rows } from '../../src/database/statement.ts';
import { changeLane } from '../../src/lanes/lane.store.ts';
import { MAX_LOSSES } from '../../src/results/after-attempt.ts';
import { readRun } from '../../src/runs/list-runs.ts';
import { stopRun } from '../../src/runs/stop-run.ts';
import { DispatchWorld, LEASE_TIME_MS } from '../../testing/dispatch-world.ts';
import type { FakeTransporter, HeldAttempt } from '../../testing/fake-transporter.ts';
import { postgresForTests } from '../../testing/fixtures/postgres.ts';

const postgres = postgresForTests();
let world: DispatchWorld;

beforeEach(async () => {
  world = await DispatchWorld.create(await postgres.fresh());
});
afterEach(() => world.close());

/** A job with new mailboxes and a run of it. */
async function startRun(mailboxes: number, limit: number | null = null) {
  const laneId = await world.installation.job({ mailboxes, limit });
  const { runId } = await world.installation.start(laneId);
  return { laneId, runId };
}

const holds = (transporter: FakeTransporter, count: number) =>
  world.until(`the Transporter holds ${count}`, () => transporter.held.length === count);

function firstOf(transporter: FakeTransporter): HeldAttempt {
  const [attempt] = transporter.held;
  if (attempt === undefined) throw new Error('It holds nothing.');
  return attempt;
}

const ended = (runId: string) =>
  world.until('the run has ended', async () => (await readRun(world.database, runId)).state === 'ended');

describe('A run', () => {
  test('goes through all its tasks, never more at once than the limit, and ends with the last', async () => {
    const director = world.startDirector();
    const transporter = await world.startTransporter(4);
    const { runId } = await startRun(5, 2);
    await holds(transporter, 2);
    await world.pass(5_000, async () => expect((await world.running()).length).toBeLessThanOrEqual(2));
    expect((await world.running()).map(({ slot }) => slot)).toEqual([0, 1]);
    expect(transporter.held).toHaveLength(2);

    await world.until('all is done', async () => {
      expect((await world.running()).length).toBeLessThanOrEqual(2);
      for (const attempt of [...transporter.held]) await transporter.report(attempt);
      return (await readRun(world.database, runId)).state === 'ended';
    });
    expect(await readRun(world.database, runId)).toMatchObject({ outcome: 'succeeded', tasksEnded: 5 });
    expect(await world.outcomes(runId)).toEqual(Array(5).fill('succeeded'));
    expect(director.counters).toMatchObject({ granted: 5, accepted: 5, stale: 0, lost: 0, unclaimed: 0 });
  });

  test('counts a result that comes twice once', async () => {
    const director = world.startDirector();
    const transporter = await world.startTransporter(1);
    const { runId } = await startRun(1);
    await holds(transporter, 1);
    const attempt = firstOf(transporter);
    await transporter.report(attempt);
    await transporter.report(attempt);
    await ended(runId);
    await world.until('both have come', () => director.counters.stale === 1);
    expect(director.counters.accepted).toBe(1);
    expect((await readRun(world.database, runId)).counts.itemsNew).toBe(10);
  });
});

describe('A Transporter that is lost', () => {
  test('loses its task to another, under a new fence, not before its lease has ended for certain', async () => {
    const director = world.startDirector();
    const first = await world.startTransporter(1);
    const { runId } = await startRun(1, 1);
    await holds(first, 1);
    const lostAttempt = firstOf(first);
    const second = await world.startTransporter(1);
    await world.pass(4_000);
    first.vanish();
    const lastRenewalMs = world.clock.monotonicMs() - LEASE_TIME_MS / 3;
    await holds(second, 1);
    expect(world.clock.monotonicMs() - lastRenewalMs).toBeGreaterThanOrEqual(LEASE_TIME_MS + 3_000 - 200);
    expect(firstOf(second).offer.spec.taskId).toBe(lostAttempt.offer.spec.taskId);
    expect(firstOf(second).offer.fence).toBeGreaterThan(lostAttempt.offer.fence);
    expect(await world.outcomes(runId)).toEqual(['lost', null]);

    await first.report(lostAttempt);
    await world.until('the late result has come', () => director.counters.stale === 1);
    expect((await world.running()).map(({ fence }) => fence)).toEqual(second.fences);
    expect(await world.outcomes(runId)).toEqual(['lost', null]);
    expect(await rows(world.database, 'select from points')).toEqual([]);
  });

  test('again and again with the same task makes that fail with the reason', async () => {
    world.startDirector();
    const { runId } = await startRun(1);
    for (let losses = 1; losses <= MAX_LOSSES; losses += 1) {
      const transporter = await world.startTransporter(1);
      await holds(transporter, 1);
      transporter.vanish();
      await world.until('it is lost', async () => (await world.running()).length === 0);
    }
    await ended(runId);
    expect(await world.outcomes(runId)).toEqual(Array(MAX_LOSSES).fill('lost'));
    const [task] = await rows<{ state: string; code: string }>(
      world.database,
      `select state, result #>> '{failure,code}' as code from tasks`,
    );
    expect(task).toEqual({ state: 'failed', code: 'task.lost-too-often' });
    expect((await readRun(world.database, runId)).outcome).toBe('failed');
  });
});

describe('Leases that vanish with the store of NATS', () => {
  test('end all attempts; each task is granted anew, never more than the limit at work', async () => {
    const director = world.startDirector();
    const transporter = await world.startTransporter(4);
    const { runId } = await startRun(4, 2);
    await holds(transporter, 2);
    const before = transporter.fences;
    world.dispatch.leases.wipe();
    await world.until('both are held anew', async () => {
      expect(transporter.held.length).toBeLessThanOrEqual(2);
      return transporter.fences.length === 2 && transporter.fences.every((fence) => !before.includes(fence));
    });
    expect(await world.outcomes(runId)).toEqual(['lost', 'lost', null, null]);
    expect(director.counters.lost).toBe(2);
  });
});

describe('A task that yields', () => {
  test('waits as long as it asked, holds no slot meanwhile, and comes again without a failure', async () => {
    world.startDirector();
    const transporter = await world.startTransporter(2);
    const { runId } = await startRun(2, 1);
    await holds(transporter, 1);
    const yielded = firstOf(transporter);
    await transporter.report(yielded, { outcome: 'yielded', notBeforeMs: 600_000 });
    await holds(transporter, 1);
    expect(firstOf(transporter).offer.spec.taskId).not.toBe(yielded.offer.spec.taskId);
    await transporter.report(firstOf(transporter));
    await world.pass(10_000, () => expect(transporter.held).toEqual([]));
    expect(await world.states(runId)).toEqual({ queued: 1, succeeded: 1 });

    // The database's clock cannot be moved; the row is.
    await rows(
      world.database,
      `update tasks set not_before = not_before - interval '10 minutes' where state = 'queued'`,
    );
    await rows(world.database, `select pg_notify('backhaul_changes', $1)`, [JSON.stringify({ type: 'run', runId })]);
    await holds(transporter, 1);
    expect(firstOf(transporter).offer).toMatchObject({
      spec: { taskId: yielded.offer.spec.taskId },
      earlierAttempts: 1,
    });
    await transporter.report(firstOf(transporter));
    await ended(runId);
    expect(await rows(world.database, 'select failures, losses from tasks where failures + losses > 0')).toEqual([]);
  });
});

describe('A run that is stopped', () => {
  test('cancels what waits at once and what is at work at its next safe point', async () => {
    world.startDirector();
    const transporter = await world.startTransporter(1);
    const { runId } = await startRun(3, 1);
    await holds(transporter, 1);
    await stopRun(world.database, runId);
    expect(await world.states(runId)).toEqual({ cancelled: 2, running: 1 });
    const attempt = firstOf(transporter);
    await world.until('the lease says so', () => attempt.lease.cancelRequested);
    expect(transporter.heard).toContain('cancel');
    await transporter.report(attempt, { outcome: 'cancelled' });
    await ended(runId);
    expect(await world.states(runId)).toEqual({ cancelled: 3 });
    await world.pass(5_000, () => expect(transporter.held).toEqual([]));
  });

  test('does not start a task again whose holder is lost', async () => {
    world.startDirector();
    const transporter = await world.startTransporter(1);
    const { runId } = await startRun(1);
    await holds(transporter, 1);
    transporter.vanish();
    await stopRun(world.database, runId);
    await world.startTransporter(1);
    await ended(runId);
    expect(await world.states(runId)).toEqual({ cancelled: 1 });
    expect(await world.outcomes(runId)).toEqual(['lost']);
  });
});

describe('A live change', () => {
  test('of the limit starts more at once, or nothing until enough have ended', async () => {
    world.startDirector();
    const transporter = await world.startTransporter(10);
    const { laneId } = await startRun(7, 1);
    await holds(transporter, 1);
    await changeLane(world.database, laneId, { limit: 3 });
    await holds(transporter, 3);

    await changeLane(world.database, laneId, { limit: 1 });
    await transporter.report(firstOf(transporter));
    await world.pass(5_000, () => expect(transporter.held).toHaveLength(2));
    await transporter.report(firstOf(transporter));
    await world.pass(5_000, () => expect(transporter.held).toHaveLength(1));
    const last = firstOf(transporter);
    await transporter.report(last);
    await holds(transporter, 1);
    expect(firstOf(transporter).offer).toMatchObject({ slot: 0 });
    await world.pass(5_000, () => expect(transporter.held).toHaveLength(1));
  });

  test('of the priority decides who is next', async () => {
    world.startDirector();
    const transporter = await world.startTransporter(1);
    const early = await startRun(3);
    await holds(transporter, 1);
    const late = await startRun(1);
    await changeLane(world.database, late.laneId, { priority: 1 });
    // Heard of before the slot is free.
    await world.pass(2_000);
    expect(firstOf(transporter).offer.spec.laneId).toBe(early.laneId);
    await transporter.report(firstOf(transporter));
    await holds(transporter, 1);
    expect(firstOf(transporter).offer.spec.laneId).toBe(late.laneId);
  });
});

describe('Another Director', () => {
  test('takes over when the first has gone: what runs goes on, what waits is granted', async () => {
    const first = world.startDirector();
    const transporter = await world.startTransporter(2);
    const { runId } = await startRun(2, 1);
    await holds(transporter, 1);
    const inherited = firstOf(transporter);
    await first.close();
    await world.pass(2 * LEASE_TIME_MS);

    const second = world.startDirector();
    await world.until('it dispatches', () => second.isLeader());
    await world.pass(2 * LEASE_TIME_MS, async () => {
      expect((await world.running()).map(({ fence }) => fence)).toEqual([inherited.offer.fence]);
    });
    await transporter.report(inherited);
    await holds(transporter, 1);
    await transporter.report(firstOf(transporter));
    await ended(runId);
    expect(await world.outcomes(runId)).toEqual(['succeeded', 'succeeded']);
  });

  test('takes over from a silent one, which grants nothing more when it wakes', async () => {
    const first = world.startDirector();
    await world.until('the first dispatches', () => first.isLeader());
    const second = world.startDirector(await postgres.another());
    await world.pass(5_000);
    expect(second.isLeader()).toBe(false);

    // The database's clock cannot be moved; the heartbeat is.
    await world.until('the second dispatches', async () => {
      await rows(world.database, `update leader_heartbeat set beat_at = beat_at - interval '1 minute' where epoch = 1`);
      return second.isLeader();
    });
    await world.until('the first has stepped back', () => !first.isLeader());
    const transporter = await world.startTransporter(4);
    const { runId } = await startRun(4, 2);
    await holds(transporter, 2);
    await world.pass(5_000, async () => expect(await world.running()).toHaveLength(2));
    expect(first.counters.granted).toBe(0);
    expect(second.counters.granted).toBe(2);
    expect(await world.outcomes(runId)).toEqual([null, null]);
  });

  test('applies first what was reported while none was up', async () => {
    const first = world.startDirector();
    const transporter = await world.startTransporter(1);
    const { runId } = await startRun(2, 1);
    await holds(transporter, 1);
    const attempt = firstOf(transporter);
    await first.close();
    await transporter.report(attempt);
    await world.pass(5 * LEASE_TIME_MS);
    expect(await world.states(runId)).toEqual({ queued: 1, running: 1 });

    const second = world.startDirector();
    await holds(transporter, 1);
    expect(await world.states(runId)).toEqual({ running: 1, succeeded: 1 });
    expect(await world.outcomes(runId)).toEqual(['succeeded', null]);
    expect(second.counters).toMatchObject({ accepted: 1, lost: 0, stale: 0 });
  });
});
