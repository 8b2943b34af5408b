import { Failure, isFailure } from '@backhaul/domain';
import { FakeClock } from '@backhaul/domain/testing';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { openGate, type Gate } from '../src/pipeline/gate.ts';

let clock: FakeClock;
let gate: Gate;
let heldBackMs: number;

beforeEach(() => {
  clock = new FakeClock();
  heldBackMs = 0;
  gate = openGate({ clock, permits: 2, maxWaitMs: 30_000, onHeldBack: (ms) => (heldBackMs += ms) });
});

const never = new AbortController().signal;
const enter = (signal: AbortSignal = never) => gate.enter({ waitedMs: 0 }, signal);

/** Lets what is ready go on without moving the time. */
const settled = () => clock.advance(0);

describe('a gate', () => {
  test('lets so many in at once, and the next when one leaves, in the order in which they came', async () => {
    const leave = await enter();
    await enter();
    const entered: number[] = [];
    void enter().then(() => entered.push(3));
    void enter().then(() => entered.push(4));
    await settled();
    expect(entered).toEqual([]);
    leave();
    await settled();
    expect(entered).toEqual([3]);
  });

  test('lets nobody in during a pause, whoever was waiting for a permit included', async () => {
    const leave = await enter();
    await enter();
    let entered = false;
    void enter().then(() => (entered = true));
    gate.pause(5_000);
    leave();
    await clock.advance(5_000);
    expect(entered).toBe(false);
    await clock.advance(100);
    expect(entered).toBe(true);
  });

  test('keeps the longer of two pauses', async () => {
    gate.pause(9_000);
    gate.pause(1_000);
    let entered = false;
    void enter().then(() => (entered = true));
    await clock.advance(8_999);
    expect(entered).toBe(false);
    await clock.advance(100);
    expect(entered).toBe(true);
  });

  test('tells at the last look that a pause has begun', () => {
    expect(() => gate.assertOpen()).not.toThrow();
    gate.pause(2_000);
    expect(() => gate.assertOpen()).toThrow(Failure);
  });

  test('sends away who would wait too long, at once or in all, saying when to come back', async () => {
    gate.pause(40_000);
    const failure = (await enter().catch((error: unknown) => error)) as Failure;
    expect(isFailure(failure, 'throttled')).toBe(true);
    expect(failure.retryAfterMs).toBeGreaterThanOrEqual(40_000);

    await clock.advance(41_000);
    const waiting = { waitedMs: 25_000 };
    gate.pause(6_000);
    await expect(gate.enter(waiting, never)).rejects.toMatchObject({ kind: 'throttled' });
  });

  test('lets a waiter go when the work is stopped, without losing the permit', async () => {
    const leave = await enter();
    await enter();
    const stop = new AbortController();
    const waiting = enter(stop.signal);
    stop.abort(new Failure('cancelled', { code: 'x', message: 'x', retry: 'later' }));
    await expect(waiting).rejects.toMatchObject({ kind: 'cancelled' });
    leave();
    await expect(enter()).resolves.toBeDefined();
  });

  test('lets a waiter go when the work is stopped during a pause', async () => {
    gate.pause(5_000);
    const stop = new AbortController();
    const waiting = enter(stop.signal);
    stop.abort(new Failure('lease-lost', { code: 'x', message: 'x', retry: 'never' }));
    await expect(waiting).rejects.toMatchObject({ kind: 'lease-lost' });
  });

  test('counts the time of a pause once, however many waited', async () => {
    gate.pause(3_000);
    const both = [enter(), enter()];
    await clock.advance(4_000);
    await Promise.all(both);
    expect(heldBackMs).toBeGreaterThanOrEqual(3_000);
    expect(heldBackMs).toBeLessThan(3_100);
  });
});
