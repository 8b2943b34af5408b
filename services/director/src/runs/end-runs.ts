import type { TaskState } from '@backhaul/domain';
import type { EntityManager } from 'typeorm';
import { rows } from '../database/statement.ts';
import type { RunOutcome } from './run-views.ts';

/** How many tasks of a run are in each state; absent means none. */
export type TaskTally = Partial<Record<TaskState, number>>;

/**
 * The data outcome of a run whose tasks have all ended: failed if any object failed, else cancelled if any was left out by
 * a stop, else warning if any warned, else success.
 */
export function outcomeOf(tally: TaskTally): RunOutcome {
  const any = (state: TaskState) => (tally[state] ?? 0) > 0;
  if (any('failed')) return 'failed';
  if (any('cancelled')) return 'cancelled';
  if (any('warning')) return 'warning';
  return 'succeeded';
}

/**
 * Adds `ended` finished tasks to each run and ends the runs that have no other left. The caller holds the run rows' locks,
 * and has written the tasks' final states in the same transaction.
 */
export async function countEndedTasks(tx: EntityManager, ended: ReadonlyMap<string, number>): Promise<void> {
  if (ended.size === 0) return;
  const counted = await rows<{ runId: string; complete: boolean }>(
    tx,
    `update runs set tasks_ended = tasks_ended + ended.tasks
       from unnest($1::uuid[], $2::integer[]) as ended (run_id, tasks)
      where runs.id = ended.run_id
  returning id as "runId", tasks_ended = tasks_total as complete`,
    [[...ended.keys()], [...ended.values()]],
  );
  for (const { runId, complete } of counted) {
    if (complete) await endRun(tx, runId);
  }
}

async function endRun(tx: EntityManager, runId: string): Promise<void> {
  const tally = await tallyOf(tx, runId);
  await rows(tx, `update runs set state = 'ended', outcome = $2, ended_at = clock_timestamp() where id = $1`, [
    runId,
    outcomeOf(tally),
  ]);
}

async function tallyOf(tx: EntityManager, runId: string): Promise<TaskTally> {
  const states = await rows<{ state: TaskState; tasks: number }>(
    tx,
    'select state, count(*)::integer as tasks from tasks where run_id = $1 group by state',
    [runId],
  );
  return Object.fromEntries(states.map(({ state, tasks }) => [state, tasks]));
}
