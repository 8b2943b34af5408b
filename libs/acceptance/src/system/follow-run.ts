import { setTimeout as sleep } from 'node:timers/promises';
import type { DirectorClient, RunView, TaskView } from './director-client.ts';

const ASK_EVERY_MS = 500;

/** What is seen of a run each time it is looked at. */
export type RunObserver = (run: RunView, running: TaskView[]) => void;

/**
 * Waits until a run has ended, looking at it twice a second. While the Director cannot be reached it goes on asking.
 * Rejects when the run has not ended after `withinMs`.
 */
export async function followRun(
  api: DirectorClient,
  runId: string,
  { withinMs = 10 * 60_000, observe = () => undefined }: { withinMs?: number; observe?: RunObserver } = {},
): Promise<RunView> {
  const giveUpAt = performance.now() + withinMs;
  let trouble: unknown;
  for (;;) {
    try {
      const run = await api.run(runId);
      if (run.state === 'ended') return run;
      observe(run, await api.tasks(runId, 'running'));
    } catch (error) {
      trouble = error;
    }
    if (performance.now() > giveUpAt) {
      throw new Error(`Run ${runId} has not ended in ${withinMs / 1000} s.`, { cause: trouble });
    }
    await sleep(ASK_EVERY_MS);
  }
}
