import { itemsDone, runFigures, type RunFigures } from '../figures/run-figures.ts';
import type { RunView } from '../system/director-client.ts';
import { followRun } from '../system/follow-run.ts';
import type { System } from '../system/start-system.ts';
import { showRun } from './run-display.ts';

/** Follows a run with live progress and tells what it took; a run that failed ends the demo with its reasons. */
export async function watchRun(
  system: System,
  title: string,
  started: RunView,
  out: NodeJS.WriteStream,
): Promise<RunFigures> {
  const display = showRun(out, () => performance.now());
  try {
    const run = await followRun(system.api, started.id, {
      observe: (view, running) =>
        display.update({
          title,
          tasksTotal: view.tasksTotal,
          tasksEnded: view.tasksEnded,
          items: itemsDone(view.counts),
          bytes: view.counts.bytesRead,
          running: running.map((task) => ({
            id: task.id,
            name: task.object.displayName,
            items: itemsDone(task.counts),
            expected: task.progress?.itemsExpected ?? 0,
            phase: task.progress?.phase ?? 'starting',
          })),
        }),
    });
    if (run.outcome !== 'succeeded' && run.outcome !== 'warning') throw new Error(await reasons(system, run));
    return runFigures(run);
  } finally {
    display.stop();
  }
}

async function reasons(system: System, run: RunView): Promise<string> {
  const tasks = await system.api.tasks(run.id);
  const failed = tasks.filter((task) => task.state !== 'succeeded');
  const lines = failed.map(
    (task) => `  ${task.object.displayName}: ${task.state}, ${task.failure?.message ?? 'no reason'}`,
  );
  return [`The run ended as ${String(run.outcome)}:`, ...lines].join('\n');
}
