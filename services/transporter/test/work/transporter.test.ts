import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { placeCancelMark } from '@backhaul/dispatch';
import { loan } from '@backhaul/dispatch/testing';
import { Failure, noCounts } from '@backhaul/domain';
import type { WorkOutcome } from '@backhaul/engine';
import { LEASE_TIME_MS, TransporterWorld } from '../../testing/transporter-world.ts';

let world: TransporterWorld;

beforeEach(() => {
  world = new TransporterWorld();
});
afterEach(() => world.close());

const done: WorkOutcome = { type: 'done', outcome: 'succeeded', counts: noCounts(), issues: [] };
const outcomes = () => world.results.map(({ taskId, outcome }) => `${taskId} ${outcome}`);
const reported = (count: number) => world.until(`${count} results are there`, () => world.results.length === count);
const leaseOf = (slot: number) => world.dispatch.leases.contents().find(({ key }) => key.slot === slot);

describe('A Transporter', () => {
  test('claims the slot of an offer, asks whether it may start, works, and reports', async () => {
    await world.start(1);
    const offer = await world.offer('task-1');
    const job = await world.job('task-1');
    expect(leaseOf(0)?.value).toMatchObject({ state: 'claimed', fence: offer.fence, boot: offer.boot });
    expect(world.asked).toEqual([{ taskId: 'task-1', fence: offer.fence, boot: offer.boot, tokenRefused: false }]);
    job.end(done);
    await reported(1);
    expect(world.results[0]).toMatchObject({ taskId: 'task-1', fence: offer.fence, outcome: 'succeeded' });
  });

  test('renews the lease while it works, for as long as it takes', async () => {
    await world.start(1);
    const offer = await world.offer('task-1');
    const job = await world.job('task-1');
    await world.pass(10 * LEASE_TIME_MS);
    expect(leaseOf(0)?.value).toMatchObject({ state: 'claimed', fence: offer.fence });
    expect(() => job.context.checkLease()).not.toThrow();
    job.end(done);
    await reported(1);
    await world.pass(2 * LEASE_TIME_MS);
    expect(leaseOf(0)).toBeUndefined();
  });

  test('does not begin when another revision stands in the key than was granted, and says which', async () => {
    await world.start(1);
    const key = { laneId: 'lane-1', slot: 0 };
    const before = { state: 'claimed' as const, fence: 1, taskId: 'task-0', transporterId: 'south', boot: 'b' };
    await world.dispatch.leases.write(key, before, 0);
    await world.send(world.offerOf('task-1'));
    await reported(1);
    expect(world.results[0]).toMatchObject({ outcome: 'refused', leaseRevision: leaseOf(0)?.revision });
    expect(leaseOf(0)?.value).toEqual(before);
    expect(world.jobs).toEqual([]);
  });

  test('does not begin when the Director does not want it started, and is silent', async () => {
    world.answer = async () => ({ granted: false, reason: 'The attempt has ended.' });
    const transporter = await world.start(1);
    await world.offer('task-1');
    await world.until('it has asked', () => world.asked.length === 1);
    await world.until('it has given up', () => transporter.running === 0);
    await world.pass(5_000);
    expect(world.jobs).toEqual([]);
    expect(world.results).toEqual([]);
  });

  test('asks again while no Director answers, and begins when one does', async () => {
    let silence = 3;
    world.answer = async () => {
      silence -= 1;
      if (silence >= 0) throw new Error('the database is away');
      return { granted: true, loan: loan() };
    };
    await world.start(1);
    await world.offer('task-1');
    (await world.job('task-1')).end(done);
    await reported(1);
    expect(world.asked).toHaveLength(4);
    expect(outcomes()).toEqual(['task-1 succeeded']);
  });

  test('takes no more offers than it has slots, and says how many are free', async () => {
    await world.start(2);
    for (const [slot, taskId] of ['task-1', 'task-2', 'task-3'].entries()) await world.offer(taskId, slot);
    await world.job('task-2');
    await world.pass(3_000);
    expect(world.jobs.map(({ offer }) => offer.spec.taskId)).toEqual(['task-1', 'task-2']);
    expect(leaseOf(2)?.value.state).toBe('reserved');
    expect(world.wants.at(-1)).toMatchObject({ slots: 2, freeSlots: 0, draining: false });
    expect(world.wants.at(-1)?.running.map(({ taskId }) => taskId)).toEqual(['task-1', 'task-2']);

    (await world.job('task-1')).end(done);
    await world.job('task-3');
    expect(world.wants.at(-1)?.running.map(({ taskId }) => taskId)).toEqual(['task-2', 'task-3']);
  });

  test('sends what the work tells of its progress', async () => {
    await world.start(1);
    const { fence } = await world.offer('task-1');
    const job = await world.job('task-1');
    const counts = { ...noCounts(), itemsNew: 7 };
    job.context.onProgress({ phase: 'transferring', counts });
    await world.until('it has come', () => world.progress.length === 1);
    expect(world.progress[0]).toMatchObject({ taskId: 'task-1', fence, phase: 'transferring', counts });
    job.fail(new Failure('no-space', { code: 'disk.full', message: 'The disk is full.', retry: 'later' }));
    await reported(1);
    expect(world.results[0]).toMatchObject({ outcome: 'failed', counts, failure: { code: 'disk.full' } });
  });
});

describe('A Transporter that loses a lease', () => {
  test('to another write in its key stops the work and reports nothing', async () => {
    const transporter = await world.start(1);
    await world.offer('task-1');
    const job = await world.job('task-1');
    const lease = leaseOf(0);
    if (lease === undefined) throw new Error('There was to be a lease.');
    await world.dispatch.leases.write(lease.key, { ...lease.value, state: 'tombstone' }, lease.revision);
    await world.until('the work is told', () => job.context.signal.aborted, LEASE_TIME_MS / 3 + 1_000);
    expect(job.context.signal.reason).toMatchObject({ kind: 'lease-lost' });
    expect(() => job.context.checkLease()).toThrow('lease');
    await world.until('it has ended', () => transporter.running === 0);
    await world.pass(5_000);
    expect(world.results).toEqual([]);
  });

  test('reports nothing either when the work ends with an error of its own, or well, after the loss', async () => {
    world.stopsWhenTold = false;
    const transporter = await world.start(2);
    await world.offer('task-1', 0);
    await world.offer('task-2', 1);
    const jobs = [await world.job('task-1'), await world.job('task-2')] as const;
    world.dispatch.leases.wipe();
    await world.until('both are told', () => jobs.every(({ context }) => context.signal.aborted));
    jobs[0].fail(new Failure('unreachable', { code: 'graph.aborted', message: 'Aborted.', retry: 'later' }));
    jobs[1].end(done);
    await world.until('both have ended', () => transporter.running === 0);
    await world.pass(5_000);
    expect(world.results).toEqual([]);
  });
});

describe('A task that is to be cancelled', () => {
  test('is told by the control message at once', async () => {
    await world.start(1);
    const { fence } = await world.offer('task-1');
    const job = await world.job('task-1');
    world.control({ type: 'cancel', taskId: 'task-1', fence: fence + 1 });
    await world.pass(1_000);
    expect(job.context.signal.aborted).toBe(false);
    world.control({ type: 'cancel', taskId: 'task-1', fence });
    await reported(1);
    expect(outcomes()).toEqual(['task-1 cancelled']);
  });

  test('meets the mark in its lease when the control message was lost', async () => {
    await world.start(1);
    const { fence } = await world.offer('task-1');
    await world.job('task-1');
    const lease = leaseOf(0);
    if (lease === undefined) throw new Error('There was to be a lease.');
    await placeCancelMark({ leases: world.dispatch.leases, key: lease.key, fence, lastSeen: lease });
    await world.until('it is reported', () => world.results.length === 1, LEASE_TIME_MS / 3 + 1_000);
    expect(outcomes()).toEqual(['task-1 cancelled']);
  });
});

describe('A Transporter that drains', () => {
  const GRACE_MS = 25_000;

  test('claims nothing more, has the work give way, and ends when all is reported', async () => {
    const transporter = await world.start(2);
    await world.offer('task-1', 0);
    const job = await world.job('task-1');
    const drained = transporter.drain(GRACE_MS);
    await world.offer('task-2', 1);
    await world.pass(3_000);
    expect(job.context.shouldYield()).toBe('the Transporter stops');
    expect(job.context.signal.aborted).toBe(false);
    expect(leaseOf(1)?.value.state).toBe('reserved');
    expect(world.wants.at(-1)).toMatchObject({ draining: true, freeSlots: 0 });

    job.end({ type: 'yielded', reason: 'drain', notBeforeMs: 0, counts: noCounts(), issues: [] });
    await reported(1);
    await drained;
    expect(outcomes()).toEqual(['task-1 yielded']);
    await world.pass(100);
    expect(world.wants.at(-1)).toMatchObject({ draining: true, running: [] });
    const said = world.wants.length;
    await world.pass(10_000);
    expect(world.wants).toHaveLength(said);
  });

  test('cuts off what comes to no safe point and gives it back in time', async () => {
    const transporter = await world.start(1);
    await world.offer('task-1');
    await world.job('task-1');
    const begunMs = world.clock.monotonicMs();
    let endedMs: number | null = null;
    void transporter.drain(GRACE_MS).then(() => (endedMs = world.clock.monotonicMs()));
    await world.until('it has ended', () => endedMs !== null, GRACE_MS + 1_000);
    expect((endedMs ?? Infinity) - begunMs).toBeLessThanOrEqual(GRACE_MS);
    expect(world.results).toMatchObject([{ taskId: 'task-1', outcome: 'yielded', notBeforeMs: 0 }]);
  });

  test('ends in time although work hangs; what hangs is not reported', async () => {
    world.stopsWhenTold = false;
    const transporter = await world.start(1);
    await world.offer('task-1');
    await world.job('task-1');
    let hasEnded = false;
    void transporter.drain(GRACE_MS).then(() => (hasEnded = true));
    await world.until('it has ended', () => hasEnded, GRACE_MS + 1_000);
    expect(world.results).toEqual([]);
  });
});

describe('What is lent', () => {
  const withToken = (accessToken: string, expiresAt: string) =>
    loan({ graph: { accessToken, expiresAt, root: 'https://graph.test', linkHosts: [] } });

  test('is renewed five minutes before it ends, by one request for all who need it', async () => {
    world.answer = async () => ({ granted: true, loan: withToken('first', '2026-01-01T00:10:00Z') });
    await world.start(1);
    await world.offer('task-1');
    const { loan: lent } = await world.job('task-1');
    expect((await lent.token()).reveal()).toBe('first');

    world.answer = async () => ({ granted: true, loan: withToken('second', '2026-01-01T01:00:00Z') });
    await world.pass(5 * 60_000);
    const tokens = await Promise.all([lent.token(), lent.token()]);
    expect(tokens.map((token) => token.reveal())).toEqual(['second', 'second']);
    expect(world.asked.map(({ tokenRefused }) => tokenRefused)).toEqual([false, false]);
  });

  test('is asked for anew when Microsoft refused it, and the Director is told so', async () => {
    world.answer = async ({ tokenRefused }) => ({
      granted: true,
      loan: withToken(tokenRefused ? 'another' : 'revoked', '2026-01-01T01:00:00Z'),
    });
    await world.start(1);
    await world.offer('task-1');
    const { loan: lent } = await world.job('task-1');
    expect((await lent.token()).reveal()).toBe('revoked');
    const renewed = await Promise.all([lent.refreshToken(), lent.refreshToken()]);
    expect(renewed.map((token) => token.reveal())).toEqual(['another', 'another']);
    expect((await lent.token()).reveal()).toBe('another');
    expect(world.asked.map(({ tokenRefused }) => tokenRefused)).toEqual([false, true]);
  });

  test('is not renewed for an attempt that has ended at the Director', async () => {
    await world.start(1);
    await world.offer('task-1');
    const { loan: lent } = await world.job('task-1');
    world.answer = async () => ({ granted: false, reason: 'The attempt has ended.' });
    await expect(lent.refreshToken()).rejects.toMatchObject({ kind: 'stale' });
  });
});
