import { failureOf } from '@backhaul/engine/testing';
import { FakeClock } from '@backhaul/domain/testing';
import { describe, expect, test } from '@jest/globals';
import { driveSource, openDriveGate } from '../src/index.ts';
import { ok, refuse, scriptedGraph } from './scripted-graph.ts';

const { signal } = new AbortController();
const graph = scriptedGraph();
const root = ok({ id: 'root', root: {}, parentReference: { driveId: 'drive', driveType: 'business' } });

describe('the gate of drives', () => {
  test('that is shared makes all tasks wait when one is told to', async () => {
    const clock = new FakeClock();
    const driveGate = openDriveGate(clock);
    const [one, other] = [graph.open({ clock, driveGate }), graph.open({ clock, driveGate })];
    graph.answerInTurn(refuse(429, 'activityLimitReached', { 'retry-after': '20' }), root);
    const first = driveSource(one, 'user-1').drive(signal);
    await waiting(clock, 1);
    const second = driveSource(other, 'user-2').drive(signal);
    await waiting(clock, 2);
    await clock.advance(19_000);
    expect(graph.server.arrivals).toHaveLength(1);
    await clock.advance(2_000);
    expect((await Promise.all([first, second])).map(({ id }) => id)).toEqual(['drive', 'drive']);
    expect([one.counters.throttledMs, other.counters.throttledMs].every((ms) => ms >= 20_000)).toBe(true);
  });

  test('gives up where the pause is longer than a slot may be held', async () => {
    graph.answerInTurn(refuse(429, 'activityLimitReached', { 'retry-after': '300' }));
    const failure = await failureOf(driveSource(graph.open(), 'user-1').drive(signal));
    expect([failure.kind, (failure.retryAfterMs ?? 0) > 290_000]).toEqual(['throttled', true]);
  });

  test('closes for a while when the budget runs low', async () => {
    const clock = new FakeClock();
    const low = { 'ratelimit-limit': '1250', 'ratelimit-remaining': '0', 'ratelimit-reset': '25' };
    graph.answerInTurn((arrival) => arrival.reply(200, { id: 'root', parentReference: { driveId: 'd' } }, low), root);
    const source = driveSource(graph.open({ clock }), 'user-1');
    await source.drive(signal);
    const next = source.drive(signal);
    await waiting(clock, 1);
    await clock.advance(24_000);
    expect(graph.server.arrivals).toHaveLength(1);
    await clock.advance(2_000);
    expect((await next).id).toBe('drive');
  });
});

/** Waits until so many calls wait at a gate. */
async function waiting(clock: FakeClock, count: number): Promise<void> {
  while (clock.sleeping < count) await new Promise((resolve) => setTimeout(resolve, 5));
}
