import { createHash } from 'node:crypto';
import type { Clock } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { readRun } from './list-runs.ts';
import { listTasks, type WhyWaiting } from './list-tasks.ts';
import { runView, RunView, taskSummaryView, TaskSummaryView } from './run.view.ts';

/** What an event about a run holds; nothing but what it names is sent. */
export const RunEvent = z
  .object({ run: RunView, running: z.array(TaskSummaryView).describe('Tasks at work, at most 200.') })
  .meta({ id: 'RunEvent' });

/** The state of a run at some instant, as it is sent. */
export interface RunState {
  /**
   * A mark of the content: the same state has the same id in every Director and after every restart, and what reads the
   * same is the same state.
   */
  id: string;
  /** JSON of a {@link RunEvent}. */
  data: string;
  hasEnded: boolean;
}

export interface RunStateParts {
  database: DataSource;
  clock: Clock;
  whyWaiting: WhyWaiting;
}

/** Younger states are shared by all who follow. */
const FRESH_MS = 500;
const TASKS_AT_WORK = 200;

/** States of runs, looked up twice a second for those who follow, however many they are. */
export class RunStates {
  readonly #parts: RunStateParts;
  readonly #latest = new Map<string, { atMs: number; state: Promise<RunState> }>();

  constructor(parts: RunStateParts) {
    this.#parts = parts;
  }

  /** The state of a run, at most half a second old. @throws Failure `not-found`. */
  recent(runId: string): Promise<RunState> {
    const now = this.#parts.clock.monotonicMs();
    for (const [id, { atMs }] of this.#latest) if (now - atMs >= FRESH_MS) this.#latest.delete(id);
    return this.#latest.get(runId)?.state ?? this.present(runId);
  }

  /**
   * The state of a run now: for whoever comes from another Director, where it may have seen more than was true here half
   * a second ago. @throws Failure `not-found`.
   */
  present(runId: string): Promise<RunState> {
    const state = lookAt(this.#parts, runId);
    this.#latest.set(runId, { atMs: this.#parts.clock.monotonicMs(), state });
    return state;
  }
}

async function lookAt({ database, whyWaiting }: RunStateParts, runId: string): Promise<RunState> {
  // Of one instant: sums and single tasks must not tell of different ones.
  const [run, atWork] = await database.transaction('REPEATABLE READ', async (tx) => [
    await readRun(tx, runId),
    await listTasks(tx, { runId, state: 'running', limit: TASKS_AT_WORK }, whyWaiting),
  ]);
  const running = atWork.slice(0, TASKS_AT_WORK).map(taskSummaryView);
  const data = JSON.stringify(RunEvent.parse({ run: runView(run), running }));
  const id = createHash('sha256').update(data).digest('hex').slice(0, 32);
  return { id, data, hasEnded: run.state === 'ended' };
}
