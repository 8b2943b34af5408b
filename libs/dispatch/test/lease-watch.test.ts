import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Failure } from '@backhaul/domain';
import { FakeClock } from '@backhaul/domain/testing';
import { leaseWatch, memoryDispatch, type LeaseStore, type LeaseWatch, type MemoryLeaseStore } from '../src/index.ts';
import { leaseValue } from '../testing/index.ts';

const key = { laneId: 'lane-1', slot: 0 };
const attempt = { fence: 7, key };

describe("the Director's watch of the leases", () => {
  let clock: FakeClock;
  let store: MemoryLeaseStore;
  let stop: AbortController;
  let watch: LeaseWatch;
  let running: Promise<void>;

  beforeEach(async () => {
    clock = new FakeClock();
    store = memoryDispatch({ clock }).leases;
    stop = new AbortController();
    ({ watch, running } = begin());
    await live(100);
  });
  afterEach(async () => {
    stop.abort();
    await running;
    expect(clock.sleeping).toBe(0);
  });

  function begin(leases: LeaseStore = store) {
    const begun = leaseWatch({ leases, clock, leaseTimeMs: 30_000, directorId: 'director-1' });
    return { watch: begun, running: begun.run(stop.signal) };
  }
  async function restartWatch(leases: LeaseStore) {
    stop.abort();
    await running;
    stop = new AbortController();
    ({ watch, running } = begin(leases));
    await live(100);
  }
  async function live(ms: number) {
    for (let passedMs = 0; passedMs < ms; passedMs += 100) await clock.advance(100);
  }
  async function write(fence = 7, state: 'claimed' | 'reserved' | 'cancel' = 'claimed') {
    const answer = await store.write(key, leaseValue({ fence, state }), (await store.read(key))?.revision ?? 0);
    await clock.advance(0);
    return answer.written ? answer.revision : 0;
  }
  /** A holder that renews every 10 s for `ms`. */
  async function renewFor(ms: number) {
    for (let passedMs = 0; passedMs < ms; passedMs += 10_000) {
      await write();
      await live(10_000);
    }
  }

  test('is ready when a marker written since its start has come by', async () => {
    await expect(watch.ready).resolves.toBeUndefined();
  });

  test('is not ready by the markers of another Director', async () => {
    const foreign: LeaseStore = { ...store, writeMarker: (marker) => store.writeMarker(`other-${marker}`) };
    await restartWatch(foreign);
    await live(3_000);
    const isReady = await Promise.race([watch.ready.then(() => true), Promise.resolve(false)]);
    expect(isReady).toBe(false);
  });

  test('knows the revision of every key that came by', async () => {
    expect(watch.knownRevision(key)).toBe(0);
    const revision = await write();
    expect(watch.knownRevision(key)).toBe(revision);
    expect(watch.lastSeen(key)?.value.fence).toBe(7);
  });

  test('never finds an attempt lost whose holder renews', async () => {
    for (let minute = 0; minute < 3; minute += 1) {
      await renewFor(60_000);
      expect(await watch.isLost(attempt)).toBe(false);
    }
  });

  test('finds an attempt lost three seconds after the lease of a silent holder has lapsed', async () => {
    await renewFor(60_000);
    await live(22_000);
    expect(await watch.isLost(attempt)).toBe(false);
    await live(3_500);
    expect(await watch.isLost(attempt)).toBe(true);
  });

  test('within lease time and five seconds', async () => {
    await write();
    let silentMs = 0;
    while (!(await watch.isLost(attempt))) {
      await live(100);
      silentMs += 100;
    }
    expect(silentMs).toBeLessThanOrEqual(35_000);
  });

  test('does not believe a key that vanished early: its holder may be at work', async () => {
    await renewFor(60_000);
    await write();
    const emptied: LeaseStore = { ...store, read: async () => null };
    await restartWatch(emptied);
    await live(30_000);
    expect(await watch.isLost(attempt)).toBe(false);
  });

  test('does not believe silence alone: the key must be gone or another’s', async () => {
    await write();
    const deaf: LeaseStore = {
      ...store,
      watch: (handlers, signal) => store.watch({ ...handlers, onWrite() {} }, signal),
    };
    await restartWatch(deaf);
    await renewFor(60_000);
    expect(await watch.isLost(attempt)).toBe(false);
  });

  test('takes a key that is another’s for gone', async () => {
    await write(7);
    await live(30_500);
    await write(8);
    await live(5_000);
    expect(await watch.isLost(attempt)).toBe(true);
    expect(await watch.isLost({ fence: 8, key })).toBe(false);
  });

  test('calls nothing lost that cannot be read', async () => {
    const unreadable: LeaseStore = {
      ...store,
      read: async () => {
        throw new Failure('timed-out', { code: 'dispatch.no-answer', message: 'No answer.', retry: 'now' });
      },
    };
    await restartWatch(unreadable);
    await live(120_000);
    expect(await watch.isLost(attempt)).toBe(false);
  });

  test('does not take the mark it wrote itself for a sign of life', async () => {
    await write(7);
    await live(20_000);
    await write(7, 'cancel');
    await live(15_000);
    await store.write(key, leaseValue({ fence: 8 }), (await store.read(key))!.revision);
    await clock.advance(0);
    expect(await watch.isLost(attempt)).toBe(true);
  });

  test('counts every attempt as seen now when the store is a new one', async () => {
    await renewFor(60_000);
    store.wipe();
    await live(32_000);
    expect(await watch.isLost(attempt)).toBe(false);
    await live(4_000);
    expect(await watch.isLost(attempt)).toBe(true);
  });

  test('notices that it hears nothing any more, and watches anew', async () => {
    store.silenceWatches();
    await renewFor(40_000);
    expect(watch.knownRevision(key)).toBe((await store.read(key))?.revision);
    expect(await watch.isLost(attempt)).toBe(false);
  });

  test('counts every attempt as seen now when it has heard nothing for a while', async () => {
    await write();
    await live(20_000);
    store.silenceWatches();
    store.wipe();
    // Without the gap it would be 33 s after the last renewal.
    await live(30_000);
    expect(await watch.isLost(attempt)).toBe(false);
    await live(12_000);
    expect(await watch.isLost(attempt)).toBe(true);
  });

  test('finds nothing lost right after this process itself was frozen', async () => {
    await write();
    await live(1_000);
    // The clock alone moves, as for a process that was stopped: markers and renewals of that time were not seen.
    const wakesAtMs = clock.monotonicMs() + 60_000;
    store.wipe();
    clock.monotonicMs = () => wakesAtMs;
    expect(await watch.isLost(attempt)).toBe(false);
    stop.abort();
  });

  test('counts every attempt as seen when it takes over from another Director', async () => {
    await live(100_000);
    const emptied: LeaseStore = { ...store, read: async () => null };
    await restartWatch(emptied);
    expect(await watch.isLost(attempt)).toBe(false);
    await live(32_000);
    expect(await watch.isLost(attempt)).toBe(false);
    await live(4_000);
    expect(await watch.isLost(attempt)).toBe(true);
  });
});
