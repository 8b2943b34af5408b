import { runFigures, type RunFigures } from '../figures/run-figures.ts';
import type { RunView } from '../system/director-client.ts';
import { followRun } from '../system/follow-run.ts';
import type { System } from '../system/start-system.ts';

/** What one run took, of time and of each process. */
export interface MeasuredRun extends RunFigures {
  /** What was run, for people. */
  name: string;
  tasksPerSecond: number;
  /** Of each process: CPU seconds during the run, and bytes of resident memory at its highest point since it was started. */
  processes: Record<string, { cpuSeconds: number; peakMemory: number }>;
}

/** Starts a run, waits for its end, and tells what it took. Rejects when the run failed. */
export async function measureRun(system: System, name: string, start: () => Promise<RunView>): Promise<MeasuredRun> {
  const parts = [system.director, ...system.transporters, system.simulator];
  const before = parts.map((part) => part.usage());
  const run = await followRun(system.api, (await start()).id, { withinMs: 30 * 60_000 });
  const after = parts.map((part) => part.usage());
  // What the tenant refuses to give (malware, a broken notebook) makes a warning.
  if (run.outcome !== 'succeeded' && run.outcome !== 'warning') {
    throw new Error(`"${name}" ended as ${String(run.outcome)}; see ${run.id}.`);
  }

  const figures = runFigures(run);
  return {
    name,
    ...figures,
    tasksPerSecond: figures.tasks / Math.max(figures.seconds, 0.001),
    processes: Object.fromEntries(
      parts.map(({ name: part }, index) => [
        part,
        {
          cpuSeconds: (after[index]?.cpuSeconds ?? 0) - (before[index]?.cpuSeconds ?? 0),
          peakMemory: after[index]?.peakMemory ?? 0,
        },
      ]),
    ),
  };
}
