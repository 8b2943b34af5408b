import { beforeEach, describe, expect, test } from '@jest/globals';
import { isFailure } from '@backhaul/domain';
import { FakeClock } from '@backhaul/domain/testing';
import { holdLease, memoryDispatch, type HeldLease, type LeaseValue, type MemoryLeaseStore } from '../src/index.ts';
import { judgeKey } from '../src/judge-key.ts';
import { faultyLeases, leaseValue, type FaultyLeases } from '../testing/index.ts';

const key = { laneId: 'lane-1', slot: 0 };
const mine = leaseValue({ fence: 7 });

describe('holding a lease', () => {
  let clock: FakeClock;
  let store: MemoryLeaseStore;
  let leases: FaultyLeases;
  let lease: HeldLease;
  let cancels: number;

  beforeEach(async () => {
    clock = new FakeClock();
    store = memoryDispatch({ clock }).leases;
    leases = faultyLeases(store);
    cancels = 0;
    const claim = await store.write(key, mine, 0);
    lease = holdLease({
      leases,
      key,
      value: mine,
      revision: claim.written ? claim.revision : 0,
      sentAtMs: clock.monotonicMs(),
      leaseTimeMs: 30_000,
      clock,
      onCancelRequested: () => (cancels += 1),
    });
  });

  const stored = async () => store.read(key);
  const overwrite = async (value: LeaseValue) => {
    const answer = await store.write(key, value, (await stored())?.revision ?? 0);
    expect(answer.written).toBe(true);
  };
  const isLost = () => {
    try {
      lease.check();
      return false;
    } catch (error) {
      return isFailure(error, 'lease-lost');
    }
  };
  /** Moves time in small steps, as it passes for a process that is not frozen. */
  const live = async (ms: number) => {
    for (let passedMs = 0; passedMs < ms; passedMs += 100) await clock.advance(100);
  };

  test('goes on for as long as it is renewed', async () => {
    await live(120_000);
    expect(isLost()).toBe(false);
    expect((await stored())?.value).toEqual(mine);
    expect(lease.revision).toBe((await stored())?.revision);
  });

  test('renews every third of the lease time', async () => {
    const revisions = new Set<number>();
    for (let second = 0; second <= 61; second += 1) {
      revisions.add(lease.revision);
      await live(1_000);
    }
    expect(revisions.size).toBe(7);
  });

  test('tells how long it may go on: 25.5 s from the claim', async () => {
    expect(lease.remainingMs()).toBe(25_500);
    await live(4_000);
    expect(lease.remainingMs()).toBe(21_500);
  });

  test('is over 25.5 s after the last acknowledged renewal was sent', async () => {
    await live(10_000);
    expect(lease.remainingMs()).toBeGreaterThan(25_000);
    leases.plan('write', ...Array<'unreachable'>(100).fill('unreachable'));
    await live(25_400);
    expect(isLost()).toBe(false);
    await live(200);
    expect(isLost()).toBe(true);
    expect(lease.signal.aborted).toBe(true);
    expect(isFailure(lease.signal.reason, 'lease-lost')).toBe(true);
    expect(lease.remainingMs()).toBe(0);
  });

  test('is over by itself, without anybody calling', async () => {
    leases.plan('write', ...Array<'unreachable'>(100).fill('unreachable'));
    await live(26_000);
    expect(lease.signal.aborted).toBe(true);
  });

  test('survives a NATS that is away for 12 s', async () => {
    await live(9_000);
    leases.plan('write', ...Array<'unreachable'>(12).fill('unreachable'));
    await live(60_000);
    expect(leases.outstanding()).toBe(0);
    expect(isLost()).toBe(false);
  });

  test('is found over by a process that wakes from a freeze, before its timers run', () => {
    // The clock alone moves: nothing that sleeps has been woken.
    clock.monotonicMs = () => 25_500;
    expect(isLost()).toBe(true);
  });

  test('once lost stays lost, even if a renewal is acknowledged afterwards', async () => {
    const answer = Promise.withResolvers<void>();
    leases.plan('write', () => answer.promise);
    await live(26_000);
    expect(isLost()).toBe(true);
    answer.resolve();
    await live(60_000);
    expect(isLost()).toBe(true);
  });

  test('counts a renewal from when it was sent, however late the answer comes', async () => {
    const answer = Promise.withResolvers<void>();
    leases.plan('write', () => answer.promise);
    await live(22_000);
    answer.resolve();
    await live(100);
    expect(lease.remainingMs()).toBe(10_000 + 25_500 - 22_100);
  });

  test('adopts its own renewal whose acknowledgement was lost', async () => {
    await live(9_900);
    leases.plan('write', 'answer-lost');
    await live(30_000);
    expect(isLost()).toBe(false);
    expect(lease.revision).toBe((await stored())?.revision);
  });

  test('does not count an adopted renewal as one whose time is known', async () => {
    await live(9_900);
    leases.plan('write', 'answer-lost', 'none', ...Array<'unreachable'>(100).fill('unreachable'));
    await live(15_500);
    expect(isLost()).toBe(false);
    await live(100);
    expect(isLost()).toBe(true);
  });

  test('hears of a cancel mark, once, and is kept until the holder has stopped', async () => {
    await overwrite({ ...mine, state: 'cancel' });
    expect(lease.cancelRequested).toBe(false);
    await live(10_200);
    expect(lease.cancelRequested).toBe(true);
    expect(cancels).toBe(1);
    await live(60_000);
    expect(isLost()).toBe(false);
    expect((await stored())?.value.state).toBe('claimed');
    expect(cancels).toBe(1);
  });

  test.each([
    ['another grant has the slot', leaseValue({ fence: 8, transporterId: 'south' })],
    ['the mark is for another fence', leaseValue({ fence: 8, state: 'cancel' })],
    ['the Director took the offer back', { ...mine, state: 'tombstone' as const }],
    ['another process start has it', { ...mine, boot: 'boot-2' }],
  ])('is lost at the next renewal when %s', async (_what, other) => {
    await overwrite(other);
    await live(9_900);
    expect(isLost()).toBe(false);
    await live(300);
    expect(isLost()).toBe(true);
    expect((await stored())?.value).toEqual(other);
  });

  test('is lost at the next renewal when the store is a new one, and writes nothing into it', async () => {
    store.wipe();
    await live(10_200);
    expect(isLost()).toBe(true);
    expect(store.contents()).toEqual([]);
  });

  test('is not lost while the key cannot be read after a refused renewal', async () => {
    await live(9_900);
    leases.plan('write', 'answer-lost');
    leases.plan('read', 'unreachable', 'unreachable');
    await live(15_000);
    expect(leases.outstanding()).toBe(0);
    expect(isLost()).toBe(false);
  });

  test('ends without touching the key, which ages out', async () => {
    await live(10_100);
    lease.end();
    const { revision } = (await stored())!;
    await live(29_000);
    expect((await stored())?.revision).toBe(revision);
    await live(2_000);
    expect(await stored()).toBeNull();
    expect(clock.sleeping).toBe(0);
  });
});

describe('after a refused renewal', () => {
  test.each([
    ['its own claim', 'mine', mine],
    ['a cancel mark for it', 'cancel', { ...mine, state: 'cancel' }],
    ['nothing', 'lost', null],
    ['a tombstone', 'lost', { ...mine, state: 'tombstone' }],
    ['its own reservation', 'lost', { ...mine, state: 'reserved' }],
    ['its own release', 'lost', { ...mine, state: 'released' }],
    ['a claim of another fence', 'lost', { ...mine, fence: 8 }],
    ['a cancel mark for another fence', 'lost', { ...mine, fence: 8, state: 'cancel' }],
    ['a claim of another process start', 'lost', { ...mine, boot: 'boot-2' }],
    ['a claim of another Transporter', 'lost', { ...mine, transporterId: 'south' }],
  ] as const)('a holder who reads %s in its key concludes "%s"', (_what, verdict, found) => {
    expect(judgeKey(found, mine)).toBe(verdict);
  });
});
