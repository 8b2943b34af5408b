import { Failure } from '@backhaul/domain';
import type { DataSource, EntityManager } from 'typeorm';
import { announce } from '../database/announce.ts';
import { rows, transaction } from '../database/statement.ts';
import { countEndedTasks } from './end-runs.ts';

/** What a stop found: tasks that will never start, and tasks at work that were told to stop at a safe point. */
export interface StoppedRun {
  cancelled: number;
  stopping: number;
}

/**
 * Stops a run: queued tasks are cancelled at once, running ones end at their next safe point (what they committed stays).
 * Stopping a run again is harmless. @throws Failure `not-found`; `conflict` when it has ended already.
 */
export async function stopRun(database: DataSource, runId: string): Promise<StoppedRun> {
  return transaction(database, async (tx) => {
    await lockActiveRun(tx, runId);
    await rows(tx, `update runs set state = 'stopping' where id = $1`, [runId]);
    const cancelled = await cancelQueued(tx, runId);
    const stopping = await markRunning(tx, runId);
    if (cancelled > 0) await countEndedTasks(tx, new Map([[runId, cancelled]]));
    await announce(tx, { type: 'run', runId });
    return { cancelled, stopping };
  });
}

async function lockActiveRun(tx: EntityManager, runId: string): Promise<void> {
  const [run] = await rows<{ state: string }>(tx, 'select state from runs where id = $1 for update', [runId]);
  if (run === undefined) {
    throw new Failure('not-found', {
      code: 'run.not-found',
      message: 'There is no such run.',
      retry: 'never',
      where: { runId },
    });
  }
  if (run.state === 'ended') {
    throw new Failure('conflict', {
      code: 'run.ended',
      message: 'The run has ended already.',
      retry: 'never',
      where: { runId },
    });
  }
}

async function cancelQueued(tx: EntityManager, runId: string): Promise<number> {
  const cancelled = await rows(
    tx,
    `with queued as (
       select id from tasks where run_id = $1 and state = 'queued' order by id for update
     )
     update tasks set state = 'cancelled', cancel_requested = true, ended_at = clock_timestamp()
       from queued where tasks.id = queued.id
     returning tasks.id`,
    [runId],
  );
  return cancelled.length;
}

/** A grant that was quicker than the cancellation is seen here, because this is a statement of its own. */
async function markRunning(tx: EntityManager, runId: string): Promise<number> {
  const marked = await rows(
    tx,
    `with running as (
       select id from tasks where run_id = $1 and state = 'running' order by id for update
     )
     update tasks set cancel_requested = true from running where tasks.id = running.id returning tasks.id`,
    [runId],
  );
  return marked.length;
}
