import type { RunView } from '../system/director-client.ts';
import { followRun } from '../system/follow-run.ts';
import type { System } from '../system/start-system.ts';

/** What one run took. Rates are means over the whole run, from its start in the API to its end. */
export interface RunFigures {
  /** What was run, for people. */
  name: string;
  seconds: number;
  tasks: number;
  messages: number;
  bytesRead: number;
  bytesStored: number;
  requests: number;
  tasksPerSecond: number;
  messagesPerSecond: number;
  megabytesPerSecond: number;
  /** Of each process: CPU seconds during the run, and bytes of resident memory at its highest point since it was started. */
  processes: Record<string, { cpuSeconds: number; peakMemory: number }>;
}

/** Starts a run, waits for its end, and tells what it took. Rejects unless the run succeeded. */
export async function measureRun(system: System, name: string, start: () => Promise<RunView>): Promise<RunFigures> {
  const parts = [system.director, ...system.transporters, system.simulator];
  const before = parts.map((part) => part.usage());
  const run = await followRun(system.api, (await start()).id, { withinMs: 30 * 60_000 });
  const after = parts.map((part) => part.usage());
  if (run.outcome !== 'succeeded') throw new Error(`"${name}" ended as ${String(run.outcome)}; see ${run.id}.`);

  const seconds = Math.max((Date.parse(run.endedAt ?? '') - Date.parse(run.startedAt)) / 1000, 0.001);
  const { itemsNew, itemsChanged, itemsMoved, itemsDeleted, bytesRead, bytesStored, requests } = run.counts;
  const messages = itemsNew + itemsChanged + itemsMoved + itemsDeleted;
  return {
    name,
    seconds,
    tasks: run.tasksTotal,
    messages,
    bytesRead,
    bytesStored,
    requests,
    tasksPerSecond: run.tasksTotal / seconds,
    messagesPerSecond: messages / seconds,
    megabytesPerSecond: bytesRead / 1e6 / seconds,
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
