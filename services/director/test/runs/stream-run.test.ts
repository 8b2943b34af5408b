import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import { FakeClock } from '@backhaul/domain/testing';
import type { ApiRequest, ApiResponse } from '../../src/api/http.ts';
import { streamRun } from '../../src/runs/run-events.ts';
import type { RunState, RunStates } from '../../src/runs/run-states.ts';

/** The end of a connection whose reader may be slow. */
class SlowConnection extends EventEmitter {
  statusCode = 0;
  writableNeedDrain = false;
  readonly written: string[] = [];
  ended = false;

  setHeader(): void {}

  write(text: string): void {
    this.written.push(text);
  }

  end(): void {
    this.ended = true;
  }
}

const stateOf = (number: number, hasEnded = false): RunState => ({ id: `s${number}`, data: String(number), hasEnded });

test('a slow reader skips states, never the last one', async () => {
  const clock = new FakeClock();
  const connection = new SlowConnection();
  let state = stateOf(1);
  const look = () => Promise.resolve(state);
  const states = { recent: look, present: look } as unknown as RunStates;
  const done = streamRun(
    { states, clock, mayListen: () => Promise.resolve(true) },
    { runId: 'run', lastEventId: null },
    { method: 'GET' } as ApiRequest,
    connection as unknown as ApiResponse,
  );
  await clock.advance(0);
  const change = async (next: RunState) => {
    state = next;
    await clock.advance(1_000);
  };
  await change(stateOf(2));
  connection.writableNeedDrain = true;
  for (const number of [3, 4, 5]) await change(stateOf(number));
  await change(stateOf(6, true));
  expect(connection.ended).toBe(false);
  connection.writableNeedDrain = false;
  await clock.advance(1_000);
  await done;
  const numbers = connection.written.flatMap((text) => /^data: (\d)$/m.exec(text)?.[1] ?? []);
  expect([numbers, connection.ended]).toEqual([['1', '2', '6'], true]);
});

test('a reader who has gone is looked after no more', async () => {
  const clock = new FakeClock();
  const connection = new SlowConnection();
  let looks = 0;
  const look = () => Promise.resolve(stateOf((looks += 1)));
  const states = { recent: look, present: look } as unknown as RunStates;
  const done = streamRun(
    { states, clock, mayListen: () => Promise.resolve(true) },
    { runId: 'run', lastEventId: null },
    { method: 'GET' } as ApiRequest,
    connection as unknown as ApiResponse,
  );
  await clock.advance(2_000);
  const before = looks;
  connection.emit('close');
  await done;
  await clock.advance(10_000);
  expect(looks - before).toBeLessThanOrEqual(1);
});
