import { beforeEach, describe, expect, test } from '@jest/globals';
import { isFailure } from '@backhaul/domain';
import { FakeClock } from '@backhaul/domain/testing';
import {
  memoryDispatch,
  placeCancelMark,
  reserveSlot,
  takeBackOffer,
  type LeaseValue,
  type MemoryLeaseStore,
} from '../src/index.ts';
import { judgeReservation } from '../src/take-back-offer.ts';
import { faultyLeases, leaseValue, type FaultyLeases } from '../testing/index.ts';

const key = { laneId: 'lane-1', slot: 0 };
const reservation = { fence: 7, taskId: 'task-1', transporterId: 'north', boot: 'boot-1' };
const reserved: LeaseValue = { ...reservation, state: 'reserved' };

let clock: FakeClock;
let store: MemoryLeaseStore;
let leases: FaultyLeases;

beforeEach(() => {
  clock = new FakeClock();
  store = memoryDispatch({ clock }).leases;
  leases = faultyLeases(store);
});

async function put(value: LeaseValue): Promise<number> {
  const answer = await store.write(key, value, (await store.read(key))?.revision ?? 0);
  return answer.written ? answer.revision : 0;
}

async function present(): Promise<LeaseValue | null> {
  return (await store.read(key))?.value ?? null;
}

describe('reserving a slot', () => {
  const reserve = (knownRevision: number, running: number[] = []) =>
    reserveSlot({ leases, key, reservation, knownRevision, isRunning: (fence) => running.includes(fence) });

  test('writes upon nothing where nothing is known', async () => {
    const result = await reserve(0);
    expect(await store.read(key)).toEqual({ value: reserved, revision: result.reserved && result.revision });
  });

  test.each(['claimed', 'reserved', 'cancel', 'tombstone', 'released'] as const)(
    'overwrites a "%s" whose fence does not run, with or without knowing its revision',
    async (state) => {
      const known = await put(leaseValue({ state, fence: 5 }));
      expect((await reserve(known)).reserved).toBe(true);
      await put(leaseValue({ state, fence: 6 }));
      expect((await reserve(0)).reserved).toBe(true);
      expect(await present()).toEqual(reserved);
    },
  );

  test('leaves alone what a running fence has', async () => {
    const occupant = leaseValue({ fence: 5 });
    await put(occupant);
    expect(await reserve(0, [5])).toEqual({ reserved: false, occupant });
    expect(await present()).toEqual(occupant);
  });

  test('goes on when the key it knew has aged out', async () => {
    const known = await put(leaseValue({ fence: 5 }));
    await clock.advance(30_000);
    expect((await reserve(known)).reserved).toBe(true);
  });

  test('finds its own reservation after a lost acknowledgement', async () => {
    leases.plan('write', 'answer-lost');
    const result = await reserve(0);
    expect(result).toEqual({ reserved: true, revision: (await store.read(key))?.revision });
    expect(leases.outstanding()).toBe(0);
  });

  test('never names revision 0', async () => {
    store.wipe();
    const result = await reserve(0);
    expect(result.reserved && result.revision).toBeGreaterThan(0);
  });

  test('gives up while the store cannot be read, and offers nothing', async () => {
    leases.plan('write', 'unreachable');
    leases.plan('read', 'unreachable');
    const failure: unknown = await reserve(0).catch((error: unknown) => error);
    expect(isFailure(failure, 'timed-out')).toBe(true);
  });

  test('gives up when others keep writing', async () => {
    let fence = 100;
    const meddle = async () => {
      fence += 1;
      await put(leaseValue({ fence }));
    };
    leases.plan('write', ...Array<typeof meddle>(10).fill(meddle));
    const failure: unknown = await reserve(0).catch((error: unknown) => error);
    expect(isFailure(failure, 'unavailable') && failure.code).toBe('dispatch.slot-contended');
  });
});

describe('taking back an offer that nobody claimed', () => {
  const takeBack = (revision: number) => takeBackOffer({ leases, key, reservation, revision });

  test('leaves a tombstone upon which nobody can claim', async () => {
    const revision = await put(reserved);
    expect(await takeBack(revision)).toBe('taken-back');
    expect(await present()).toEqual({ ...reserved, state: 'tombstone' });
    expect((await store.write(key, leaseValue({ fence: 7 }), revision)).written).toBe(false);
  });

  test('finds that it was claimed after all', async () => {
    const revision = await put(reserved);
    await put({ ...reserved, state: 'claimed' });
    expect(await takeBack(revision)).toBe('claimed');
    expect((await present())?.state).toBe('claimed');
  });

  test('is done when the acknowledgement was lost', async () => {
    const revision = await put(reserved);
    leases.plan('write', 'answer-lost');
    expect(await takeBack(revision)).toBe('taken-back');
  });

  test('tries again when the write did not arrive', async () => {
    const revision = await put(reserved);
    leases.plan('write', 'unreachable');
    expect(await takeBack(revision)).toBe('taken-back');
    expect((await present())?.state).toBe('tombstone');
  });

  test('is unclear when the key cannot be read', async () => {
    const revision = await put(reserved);
    leases.plan('write', 'unreachable');
    leases.plan('read', 'unreachable');
    expect(await takeBack(revision)).toBe('unclear');
  });

  test('is unclear when the key has vanished before its time: a claim may have vanished with it', async () => {
    const revision = await put(reserved);
    store.wipe();
    expect(await takeBack(revision)).toBe('unclear');
    expect(await present()).toBeNull();
  });

  test.each([
    ['nothing', 'unclear', null],
    ['a claim', 'claimed', { ...reserved, state: 'claimed' }],
    ['a tombstone', 'taken-back', { ...reserved, state: 'tombstone' }],
    ['a release', 'taken-back', { ...reserved, state: 'released' }],
    ['a cancel mark', 'unclear', { ...reserved, state: 'cancel' }],
    ['the reservation still', 'still-reserved', reserved],
    ['a later grant', 'taken-back', { ...reserved, fence: 8 }],
    ['an earlier grant', 'unclear', { ...reserved, fence: 6 }],
  ] as const)('judges %s: %s', (_what, verdict, found) => {
    expect(judgeReservation(found, 7)).toBe(verdict);
  });
});

describe('a cancel mark', () => {
  const mark = async (lastSeen: Awaited<ReturnType<MemoryLeaseStore['read']>>, fence = 7) =>
    placeCancelMark({ leases, key, fence, lastSeen });

  test('is left upon the claim that was last seen', async () => {
    const revision = await put({ ...reserved, state: 'claimed' });
    expect(await mark({ value: { ...reserved, state: 'claimed' }, revision })).toBe('marked');
    expect(await present()).toEqual({ ...reserved, state: 'cancel' });
  });

  test('is left although the holder has renewed meanwhile', async () => {
    const revision = await put({ ...reserved, state: 'claimed' });
    await put({ ...reserved, state: 'claimed' });
    expect(await mark({ value: { ...reserved, state: 'claimed' }, revision })).toBe('marked');
    expect((await present())?.state).toBe('cancel');
  });

  test('is left when nothing of this fence was seen yet', async () => {
    await put({ ...reserved, state: 'claimed' });
    expect(await mark(null)).toBe('marked');
    expect(await mark({ value: leaseValue({ fence: 3 }), revision: 1 })).toBe('marked');
    expect((await present())?.state).toBe('cancel');
  });

  test('upon a reservation keeps the offer from being claimed', async () => {
    const revision = await put(reserved);
    expect(await mark({ value: reserved, revision })).toBe('marked');
    expect((await store.write(key, { ...reserved, state: 'claimed' }, revision)).written).toBe(false);
  });

  test('is there although its acknowledgement was lost', async () => {
    const revision = await put({ ...reserved, state: 'claimed' });
    leases.plan('write', 'answer-lost');
    expect(await mark({ value: { ...reserved, state: 'claimed' }, revision })).toBe('marked');
  });

  test.each([
    ['is of another fence', leaseValue({ fence: 8 })],
    ['was taken back', { ...reserved, state: 'tombstone' as const }],
    ['was released', { ...reserved, state: 'released' as const }],
  ])('is not left when the key %s', async (_what, value) => {
    await put(value);
    expect(await mark(null)).toBe('gone');
    expect(await present()).toEqual(value);
  });

  test('is not left where nothing is', async () => {
    expect(await mark(null)).toBe('gone');
    expect(await present()).toBeNull();
  });

  test('cannot be left while the store cannot be read', async () => {
    leases.plan('read', 'unreachable');
    await expect(mark(null)).rejects.toMatchObject({ kind: 'timed-out' });
  });
});
