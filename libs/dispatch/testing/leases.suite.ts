import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LeaseKey, LeaseValue } from '../src/index.ts';
import { leaseValue } from './builders.ts';
import type { DispatchUnderTest, OpenDispatch } from './dispatch-under-test.ts';
import { eventually } from './eventually.ts';

/** What LeaseKeys and LeaseStore promise. */
export function leasesSuite(name: string, open: OpenDispatch): void {
  describe(`leases ${name}`, () => {
    let dispatch: DispatchUnderTest;
    const stop: AbortController[] = [];
    const key: LeaseKey = { laneId: 'lane-1', slot: 0 };

    beforeEach(async () => {
      dispatch = await open();
    });
    afterEach(async () => {
      for (const controller of stop.splice(0)) controller.abort();
      await dispatch.close();
    });

    const write = async (value: LeaseValue, expected: number, at: LeaseKey = key) => {
      const answer = await dispatch.director.leases.write(at, value, expected);
      return answer.written ? answer.revision : null;
    };

    const watch = () => {
      const seen: { slot: number; fence: number; revision: number }[] = [];
      const markers: string[] = [];
      let rebuilt = 0;
      const controller = new AbortController();
      stop.push(controller);
      const handlers = {
        onWrite: ({ slot }: LeaseKey, { fence }: LeaseValue, revision: number) => seen.push({ slot, fence, revision }),
        onMarker: (marker: string) => markers.push(marker),
        onRebuilt: () => (rebuilt += 1),
      };
      const over = dispatch.director.leases.watch(handlers, controller.signal);
      return { seen, markers, rebuilt: () => rebuilt, over, controller };
    };

    test('are empty at first and read back as written', async () => {
      expect(await dispatch.director.leases.read(key)).toBeNull();
      const value = leaseValue({ state: 'reserved', fence: 7 });
      const revision = await write(value, 0);
      expect(revision).toBeGreaterThan(0);
      expect(await dispatch.director.leases.read(key)).toEqual({ value, revision });
    });

    test('are written on the known revision only', async () => {
      const first = await write(leaseValue({ fence: 1 }), 0);
      expect(await write(leaseValue({ fence: 2 }), 0)).toBeNull();
      expect(await write(leaseValue({ fence: 2 }), first! - 1)).toBeNull();
      const second = await write(leaseValue({ fence: 3 }), first!);
      expect(second).toBeGreaterThan(first!);
      expect((await dispatch.director.leases.read(key))?.value.fence).toBe(3);
    });

    test('of different slots and lanes do not meet', async () => {
      await write(leaseValue({ fence: 1 }), 0);
      expect(await write(leaseValue({ fence: 2 }), 0, { laneId: 'lane-1', slot: 1 })).not.toBeNull();
      expect(await write(leaseValue({ fence: 3 }), 0, { laneId: 'lane-2', slot: 0 })).not.toBeNull();
      expect((await dispatch.director.leases.read(key))?.value.fence).toBe(1);
    });

    test('have one winner when many write on the same revision', async () => {
      const revision = await write(leaseValue({ state: 'reserved' }), 0);
      const north = await dispatch.transporter('north', 'boot-1');
      const tries = Array.from({ length: 20 }, (_, n) =>
        north.leases.write(key, leaseValue({ fence: 100 + n }), revision!),
      );
      expect((await Promise.all(tries)).filter(({ written }) => written)).toHaveLength(1);
    });

    test('are gone after the lease time unless they were written again', async () => {
      const kept = await write(leaseValue({ fence: 1 }), 0);
      await write(leaseValue({ fence: 2 }), 0, { laneId: 'lane-1', slot: 1 });
      await dispatch.passTime(dispatch.leaseTimeMs * 0.6);
      await write(leaseValue({ fence: 1 }), kept!);
      await dispatch.passTime(dispatch.leaseTimeMs * 0.6);
      const gone = () => dispatch.director.leases.read({ laneId: 'lane-1', slot: 1 });
      await eventually('the key that was not renewed is gone', async () => (await gone()) === null);
      expect((await dispatch.director.leases.read(key))?.value.fence).toBe(1);
    });

    test('that are gone can only be written on "nothing"', async () => {
      const revision = await write(leaseValue({ fence: 1 }), 0);
      await dispatch.passTime(dispatch.leaseTimeMs);
      await eventually('the key is gone', async () => (await dispatch.director.leases.read(key)) === null);
      expect(await write(leaseValue({ fence: 1 }), revision!)).toBeNull();
      expect(await write(leaseValue({ fence: 2 }), 0)).toBeGreaterThan(revision!);
    });

    test('are watched: what is there first, then every write, own ones too', async () => {
      const first = await write(leaseValue({ fence: 1 }), 0);
      const { seen } = watch();
      await eventually('what was there comes by', () => seen.length === 1);
      const second = await write(leaseValue({ fence: 1, state: 'cancel' }), first!);
      const third = await write(leaseValue({ fence: 5 }), 0, { laneId: 'lane-1', slot: 3 });
      await eventually('the writes come by', () => seen.length === 3);
      expect(seen).toEqual([
        { slot: 0, fence: 1, revision: first },
        { slot: 0, fence: 1, revision: second },
        { slot: 3, fence: 5, revision: third },
      ]);
    });

    test('are watched in order with the markers', async () => {
      const { seen, markers } = watch();
      const revision = await write(leaseValue({ fence: 1 }), 0);
      await dispatch.director.leases.writeMarker('director-1#1');
      await eventually('the marker comes by', () => markers.length === 1);
      expect(markers).toEqual(['director-1#1']);
      expect(seen).toEqual([{ slot: 0, fence: 1, revision }]);
    });

    test('are watched by several, until each ends', async () => {
      const one = watch();
      const other = watch();
      await dispatch.director.leases.writeMarker('a');
      await eventually('both saw it', () => one.markers.includes('a') && other.markers.includes('a'));
      one.controller.abort();
      await one.over;
      await dispatch.director.leases.writeMarker('b');
      await eventually('the other saw more', () => other.markers.includes('b'));
      expect(one.markers).not.toContain('b');
      expect(one.rebuilt() + other.rebuilt()).toBe(0);
    });
  });
}
