import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../src/index.ts';
import { FakeClock } from '../testing/index.ts';

describe('the clock of the host', () => {
  test('tells the time of day and a time that does not go back', () => {
    const clock = systemClock();
    const before = Date.now();
    const [first, second] = [clock.monotonicMs(), clock.monotonicMs()];
    expect(clock.now().getTime()).toBeGreaterThanOrEqual(before);
    expect(clock.now().getTime()).toBeLessThanOrEqual(Date.now());
    expect(second).toBeGreaterThanOrEqual(first);
  });

  test('counts the time for which the host was suspended', () => {
    let uptimeSeconds = 1_000;
    const clock = systemClock(() => uptimeSeconds);
    const before = clock.monotonicMs();
    uptimeSeconds += 3_600;
    expect(clock.monotonicMs() - before).toBeGreaterThanOrEqual(3_600_000 - 1_000);
  });

  test('does not go back when the uptime does', () => {
    let uptimeSeconds = 1_000;
    const clock = systemClock(() => uptimeSeconds);
    const before = clock.monotonicMs();
    uptimeSeconds = 0;
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(before);
  });

  test('sleeps at least as long as asked, and wakes at once with the reason when it is aborted', async () => {
    const clock = systemClock();
    const before = clock.monotonicMs();
    await clock.sleep(20);
    // Timers of Node are exact to a millisecond.
    expect(clock.monotonicMs() - before).toBeGreaterThanOrEqual(19);
    const stop = new AbortController();
    const reason = new Error('stop');
    const sleeping = clock.sleep(3_600_000, stop.signal);
    stop.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(clock.sleep(3_600_000, stop.signal)).rejects.toBe(reason);
  });

  test('lets go of the signal once it has slept', async () => {
    const stop = new AbortController();
    await systemClock().sleep(1, stop.signal);
    stop.abort(new Error('too late'));
  });
});

describe('the clock of tests', () => {
  test('stands still until it is moved, then wakes sleepers in the order of their time', async () => {
    const clock = new FakeClock('2026-01-01T00:00:00Z');
    const woken: string[] = [];
    const sleep = (name: string, ms: number) =>
      clock.sleep(ms).then(() => void woken.push(`${name} at ${clock.monotonicMs()}`));
    const all = [sleep('late', 300), sleep('early', 100), sleep('middle', 200)];
    await clock.advance(250);
    expect(woken).toEqual(['early at 100', 'middle at 200']);
    expect([clock.sleeping, clock.monotonicMs(), clock.now().toISOString()]).toEqual([
      1,
      250,
      '2026-01-01T00:00:00.250Z',
    ]);
    await clock.advance(50);
    await Promise.all(all);
    expect(woken.at(-1)).toBe('late at 300');
  });

  test('wakes whoever falls asleep again while it moves', async () => {
    const clock = new FakeClock();
    const beats: number[] = [];
    const beating = (async () => {
      for (let beat = 0; beat < 3; beat += 1) {
        await clock.sleep(10);
        beats.push(clock.monotonicMs());
      }
    })();
    await clock.advance(100);
    await beating;
    expect(beats).toEqual([10, 20, 30]);
  });

  test('steps the time of day alone, back too', async () => {
    const clock = new FakeClock('2026-01-01T00:00:00Z');
    clock.stepWallClock(-3_600_000);
    expect([clock.now().toISOString(), clock.monotonicMs()]).toEqual(['2025-12-31T23:00:00.000Z', 0]);
  });

  test('forgets a sleeper that was woken by its signal', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const sleeping = clock.sleep(1_000, stop.signal);
    stop.abort(new Error('stop'));
    await expect(sleeping).rejects.toThrow('stop');
    expect(clock.sleeping).toBe(0);
    await clock.advance(2_000);
  });
});
