import type { RunView } from '../system/director-client.ts';

/** What one run took. Rates are means over the whole run, from its start in the API to its end. */
export interface RunFigures {
  seconds: number;
  tasks: number;
  /** Brought in, followed or restored. */
  items: number;
  bytesRead: number;
  bytesStored: number;
  requests: number;
  itemsPerSecond: number;
  megabytesPerSecond: number;
}

/** The figures of a run that has ended. */
export function runFigures(run: RunView): RunFigures {
  const seconds = (Date.parse(run.endedAt ?? run.startedAt) - Date.parse(run.startedAt)) / 1000;
  const items = itemsDone(run.counts);
  const perSecond = 1 / Math.max(seconds, 0.001);
  return {
    seconds,
    tasks: run.tasksTotal,
    items,
    bytesRead: run.counts.bytesRead,
    bytesStored: run.counts.bytesStored,
    requests: run.counts.requests,
    itemsPerSecond: items * perSecond,
    megabytesPerSecond: (run.counts.bytesRead / 1e6) * perSecond,
  };
}

/** Items that a run has brought in, followed, or restored. */
export function itemsDone(counts: RunView['counts']): number {
  return counts.itemsNew + counts.itemsChanged + counts.itemsMoved + counts.itemsDeleted + counts.itemsRestored;
}
