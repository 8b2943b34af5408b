import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TaskResult } from '@backhaul/domain';
import { startNats, type NatsServer } from '@backhaul/local-servers';
import {
  claimLease,
  claimOf,
  holdLease,
  leaseKeyOf,
  leaseWatch,
  reserveSlot,
  type HeldLease,
  type LeaseWatch,
  type Offer,
  type StoreMark,
  type TransporterDispatch,
} from '../src/index.ts';
import { eventually, offer, openNatsDispatch, taskResult, type NatsUnderTest } from '../testing/index.ts';

/** What a real nats-server can suffer, and what must remain. */
describe('when nats-server', () => {
  let server: NatsServer;
  let dispatch: NatsUnderTest;
  let stop: AbortController;
  let replaced: { verdict: string; mark: StoreMark }[];
  const leaseTimeMs = 6_000;
  const key = { laneId: 'lane-1', slot: 0 };

  beforeEach(async () => {
    server = await startNats({ durable: true });
    replaced = [];
    dispatch = await openNatsDispatch(server, {
      leaseTimeMs,
      onStoreReplaced: (verdict, mark) => replaced.push({ verdict, mark }),
    });
    stop = new AbortController();
  }, 120_000);
  afterEach(async () => {
    stop.abort();
    await dispatch.close();
    await server.stop();
  });

  function watchLeases(): LeaseWatch & { rebuilt: () => number } {
    let rebuilt = 0;
    const watch = leaseWatch({
      leases: dispatch.director.leases,
      clock: dispatch.clock,
      leaseTimeMs,
      directorId: 'director-1',
      onRebuilt: () => (rebuilt += 1),
    });
    void watch.run(stop.signal);
    return { ...watch, rebuilt: () => rebuilt };
  }

  /** The whole road of one grant up to the held lease. */
  async function grantAndHold(
    north: TransporterDispatch,
    watch: LeaseWatch,
  ): Promise<{ offered: Offer; lease: HeldLease }> {
    const draft = offer();
    const { fence, transporterId, boot } = draft;
    await dispatch.director.offers.ensureInbox(transporterId, boot);
    const reservation = await reserveSlot({
      leases: dispatch.director.leases,
      key,
      reservation: { fence, taskId: draft.spec.taskId, transporterId, boot },
      knownRevision: watch.knownRevision(key),
      isRunning: () => false,
    });
    if (!reservation.reserved) throw new Error('The slot is occupied.');
    await dispatch.director.offers.send({ ...draft, leaseRevision: reservation.revision }, 3);
    const received = await eventually('the offer arrives', () => north.offers.next(1_000, stop.signal));
    const claim = await claimLease(received.offer, received.receivedAtMs, {
      leases: north.leases,
      clock: dispatch.clock,
      signal: stop.signal,
    });
    if (claim.outcome !== 'claimed') throw new Error(`Not claimed: ${claim.outcome}.`);
    const lease = holdLease({
      leases: north.leases,
      key: leaseKeyOf(received.offer),
      value: claimOf(received.offer),
      revision: claim.revision,
      sentAtMs: claim.sentAtMs,
      leaseTimeMs,
      clock: dispatch.clock,
    });
    stop.signal.addEventListener('abort', () => lease.end(), { once: true });
    return { offered: received.offer, lease };
  }

  const revisionSeen = (watch: LeaseWatch) => watch.lastSeen(key)?.revision ?? 0;

  test('is killed and comes back, leases are kept, the watch goes on, and no result is lost', async () => {
    const watch = watchLeases();
    await watch.ready;
    const north = await dispatch.transporter('north', 'boot-1');
    const { offered, lease } = await grantAndHold(north, watch);
    const stored = Array.from({ length: 20 }, (_, n) => taskResult({ taskId: `task-${n}` }));
    for (const result of stored) await north.results.send(result, stop.signal);

    await server.kill();
    const whileAway = north.results.send(taskResult({ taskId: 'task-away' }), stop.signal);
    await server.start();
    await whileAway;

    const seenBefore = revisionSeen(watch);
    await eventually('renewals come by again', () => revisionSeen(watch) > seenBefore, 15_000);
    lease.check();
    expect(await watch.isLost({ fence: offered.fence, key })).toBe(false);
    expect(watch.rebuilt()).toBeGreaterThan(0);
    expect(replaced).toEqual([]);

    const taken = new Set<string>();
    const take = async ({ taskId }: TaskResult) => {
      taken.add(taskId);
    };
    void dispatch.director.results.consume(take, stop.signal);
    await eventually('all results arrive', () => taken.size === 21);
    expect([...taken].sort()).toEqual([...stored.map(({ taskId }) => taskId), 'task-away'].sort());
  }, 60_000);

  test('is killed while results are taken, none is lost', async () => {
    const north = await dispatch.transporter('north', 'boot-1');
    const taken = new Set<string>();
    const take = async ({ taskId }: TaskResult) => {
      taken.add(taskId);
    };
    void dispatch.director.results.consume(take, stop.signal);
    const sendAll = async () => {
      for (let n = 0; n < 300; n += 1) await north.results.send(taskResult({ taskId: `task-${n}` }), stop.signal);
    };
    const sending = sendAll();
    for (const enough of [50, 150]) {
      await eventually('some are taken', () => taken.size >= enough);
      await server.kill();
      await server.start();
    }
    await sending;
    await eventually('all are taken', () => taken.size === 300, 20_000);
    await eventually('nothing waits', () => dispatch.director.results.isDrained());
  }, 90_000);

  test('has lost its store, holders stop, the store begins a new incarnation, and work goes on', async () => {
    const watch = watchLeases();
    await watch.ready;
    const north = await dispatch.transporter('north', 'boot-1');
    const { offered, lease } = await grantAndHold(north, watch);
    const before = dispatch.director.storeMark();

    await server.kill();
    await server.start({ wipeStore: true });

    await eventually('the store is made anew', () => replaced.length > 0, 15_000);
    expect(replaced[0]?.verdict).toBe('missing');
    expect(dispatch.director.storeMark().incarnation).toBe(before.incarnation + 1);
    await eventually('the holder stops', () => lease.signal.aborted, 15_000);
    expect(await watch.isLost({ fence: offered.fence, key })).toBe(false);

    const taken: string[] = [];
    void dispatch.director.results.consume(async ({ taskId }) => void taken.push(taskId), stop.signal);
    await north.results.send(taskResult({ taskId: 'task-2' }), stop.signal);
    await eventually('results arrive again', () => taken.includes('task-2'));
    await eventually('the attempt is found lost', () => watch.isLost({ fence: offered.fence, key }), 20_000);

    await dispatch.director.offers.ensureInbox('north', 'boot-1');
    const next = offer();
    await dispatch.director.offers.send(next, 3);
    const received = await eventually('offers arrive again', () => north.offers.next(1_000, stop.signal));
    expect(received.offer.fence).toBe(next.fence);
  }, 90_000);

  test('has been put back to an older store, no revision comes a second time', async () => {
    const older = await mkdtemp(join(tmpdir(), 'backhaul-store-'));
    const write = async () => {
      const found = await dispatch.director.leases.read(key);
      const value = { state: 'claimed' as const, fence: 1, taskId: 'task-1', transporterId: 'north', boot: 'boot-1' };
      const answer = await dispatch.director.leases.write(key, value, found?.revision ?? 0);
      return answer.written ? answer.revision : 0;
    };
    await write();
    await dispatch.director.leases.writeMarker('director-1#a');
    await server.kill('SIGTERM');
    await cp(server.storeFolder!, older, { recursive: true });
    await server.start();
    await eventually('the Director is connected again', () => write().catch(() => null));
    for (let n = 0; n < 10; n += 1) await write();
    await dispatch.director.leases.writeMarker('director-1#b');
    const last = (await dispatch.director.leases.read(key))!.revision;

    await server.kill();
    await rm(server.storeFolder!, { recursive: true });
    await cp(older, server.storeFolder!, { recursive: true });
    await server.start();

    await eventually('the older store is replaced', () => replaced.length > 0, 15_000);
    expect(replaced[0]?.verdict).toBe('rolled-back');
    const next = await eventually('leases can be written', () => write().catch(() => null));
    expect(next).toBeGreaterThan(last + 2 ** 39);
    await rm(older, { recursive: true });
  }, 90_000);

  test('is away for a while, a Director that starts meanwhile is told so', async () => {
    await server.kill();
    const opening = dispatch.openDirector({ connection: dispatch.directorConnection });
    await expect(opening).rejects.toMatchObject({ kind: expect.stringMatching(/timed-out|unreachable|unavailable/) });
    await server.start();
    await eventually('it opens afterwards', () =>
      dispatch.openDirector({ connection: dispatch.directorConnection }).catch(() => null),
    );
  }, 60_000);
});
