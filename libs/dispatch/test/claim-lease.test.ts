import { beforeEach, describe, expect, test } from '@jest/globals';
import { FakeClock } from '@backhaul/domain/testing';
import {
  claimLease,
  claimOf,
  leaseKeyOf,
  memoryDispatch,
  type Claim,
  type LeaseValue,
  type MemoryLeaseStore,
  type Offer,
} from '../src/index.ts';
import { faultyLeases, leaseValue, offer, type FaultyLeases } from '../testing/index.ts';

describe('claiming the lease of an offer', () => {
  let clock: FakeClock;
  let store: MemoryLeaseStore;
  let leases: FaultyLeases;
  let offered: Offer;
  const never = new AbortController().signal;

  beforeEach(async () => {
    clock = new FakeClock();
    store = memoryDispatch({ clock }).leases;
    leases = faultyLeases(store);
    const draft = offer();
    const reserved = await store.write(leaseKeyOf(draft), { ...claimOf(draft), state: 'reserved' }, 0);
    offered = { ...draft, leaseRevision: reserved.written ? reserved.revision : 0 };
  });

  const claim = (receivedAtMs = clock.monotonicMs(), what = offered) =>
    claimLease(what, receivedAtMs, { leases, clock, signal: never });
  const inStore = async () => (await store.read(leaseKeyOf(offered)))?.value ?? null;
  const claimed = (): LeaseValue => claimOf(offered);
  const write = async (value: LeaseValue) => {
    const found = await store.read(leaseKeyOf(offered));
    await store.write(leaseKeyOf(offered), value, found?.revision ?? 0);
  };

  test('writes the claim upon the reservation', async () => {
    const sentAtMs = clock.monotonicMs();
    const result = await claim();
    const found = await store.read(leaseKeyOf(offered));
    expect(found?.value).toEqual(claimed());
    expect(result).toEqual({ outcome: 'claimed', revision: found?.revision, sentAtMs });
  });

  test('does nothing for an offer that lay here for more than five seconds', async () => {
    const receivedAtMs = clock.monotonicMs();
    await clock.advance(5_001);
    expect(await claim(receivedAtMs)).toEqual({ outcome: 'too-old' });
    expect((await inStore())?.state).toBe('reserved');
  });

  test('gives the slot back when the process was frozen between its check and the claim', async () => {
    leases.plan('write', () => clock.advance(6_000));
    expect(await claim()).toEqual({ outcome: 'too-old' });
    expect(await inStore()).toEqual({ ...claimed(), state: 'released' });
    expect(leases.outstanding()).toBe(0);
  });

  test('counts the lease from when the claim was sent, not from its answer', async () => {
    const sentAtMs = clock.monotonicMs();
    leases.plan('write', () => clock.advance(4_000));
    expect(await claim()).toMatchObject({ outcome: 'claimed', sentAtMs });
  });

  test('is refused when the Director has taken the offer back, and says what stands there', async () => {
    await write({ ...claimed(), state: 'tombstone' });
    const found = await store.read(leaseKeyOf(offered));
    expect(await claim()).toEqual({ outcome: 'taken', leaseRevision: found?.revision });
  });

  test('is refused when the reservation has aged out, even for an offer just received', async () => {
    await clock.advance(30_000);
    expect(await claim()).toEqual({ outcome: 'taken', leaseRevision: 0 });
    expect(await inStore()).toBeNull();
  });

  test('is refused when the store is a new one', async () => {
    store.wipe();
    expect((await claim()).outcome).toBe('taken');
    expect(await inStore()).toBeNull();
  });

  test('by a second delivery of the same offer is refused', async () => {
    expect((await claim()).outcome).toBe('claimed');
    expect((await claim()).outcome).toBe('taken');
  });

  test('by many at once has one winner', async () => {
    const claims = await Promise.all(Array.from({ length: 10 }, () => claim()));
    expect(claims.filter(({ outcome }) => outcome === 'claimed')).toHaveLength(1);
  });

  describe('when the answer is unclear', () => {
    test('finds out that the claim was stored', async () => {
      leases.plan('write', 'answer-lost');
      const result = await claim();
      expect(result).toMatchObject({ outcome: 'claimed', revision: (await store.read(leaseKeyOf(offered)))?.revision });
      expect(leases.outstanding()).toBe(0);
    });

    test('reads again until it can', async () => {
      leases.plan('write', 'answer-lost');
      leases.plan('read', 'unreachable', 'unreachable');
      expect(await settled(claim(), clock)).toMatchObject({ outcome: 'claimed' });
      expect(leases.outstanding()).toBe(0);
    });

    test('gives up while the claim may still be on its way, and never begins', async () => {
      leases.plan('write', 'unreachable');
      expect(await settled(claim(), clock)).toEqual({ outcome: 'unclear' });
    });

    test('gives up when the store cannot be read either', async () => {
      leases.plan('write', 'answer-lost');
      leases.plan('read', ...Array<'unreachable'>(40).fill('unreachable'));
      expect(await settled(claim(), clock)).toEqual({ outcome: 'unclear' });
    });

    test.each([
      ['a tombstone', { state: 'tombstone' }],
      ['the reservation of a later grant', { state: 'reserved', fence: 999_999 }],
      ["another process start's claim", { state: 'claimed', boot: 'boot-2' }],
      ["another Transporter's claim", { state: 'claimed', transporterId: 'south' }],
    ] as const)('does not take %s for its own', async (_what, difference) => {
      leases.plan('write', async () => {
        await write(leaseValue({ ...claimed(), ...difference }));
        throw new Error('time-out');
      });
      expect((await settled(claim(), clock)).outcome).toBe('taken');
    });
  });
});

/** Moves the clock until `claim` is settled. */
async function settled(claim: Promise<Claim>, clock: FakeClock): Promise<Claim> {
  let isOver = false;
  void claim.finally(() => {
    isOver = true;
  });
  while (!isOver) await clock.advance(100);
  return claim;
}
