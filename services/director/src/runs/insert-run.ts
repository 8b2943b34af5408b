import { randomUUID } from 'node:crypto';
import type { ProtectedObject, TaskSpec } from '@backhaul/domain';
import type { EntityManager } from 'typeorm';
import { announce } from '../database/announce.ts';
import { rows } from '../database/statement.ts';
import type { RunOptions } from './run-options.ts';

/** A task before its run has an id. */
export type NewTask = Pick<TaskSpec, 'taskId' | 'object' | 'repositoryId' | 'work'>;

export interface NewRun {
  kind: 'backup' | 'restore';
  laneId: string;
  jobId: string | null;
  options: RunOptions;
  tasks: NewTask[];
}

/** Stores a run with its tasks, all queued, and announces it. Returns the run's id. */
export async function insertRun(tx: EntityManager, { kind, laneId, jobId, options, tasks }: NewRun): Promise<string> {
  const runId = randomUUID();
  await rows(
    tx,
    `insert into runs (id, kind, lane_id, job_id, options, state, tasks_total)
     values ($1, $2, $3, $4, $5, 'running', $6)`,
    [runId, kind, laneId, jobId, options, tasks.length],
  );
  const specs: TaskSpec[] = tasks.map((task) => ({ runId, laneId, ...task }));
  await rows(
    tx,
    `insert into tasks (id, run_id, lane_id, object_id, exclusive_key, repository_id, spec, state)
     select (spec ->> 'taskId')::uuid, $1, $2, (spec #>> '{object,id}')::uuid, key, (spec ->> 'repositoryId')::uuid,
            spec, 'queued'
       from unnest($3::jsonb[], $4::text[]) as task (spec, key)`,
    [runId, laneId, specs.map((spec) => JSON.stringify(spec)), specs.map((spec) => exclusiveKey(spec.object))],
  );
  await announce(tx, { type: 'run', runId });
  return runId;
}

/**
 * What at most one running task may hold, over all jobs and restores: the mailbox, drive or site itself, so that
 * Microsoft's limit of four concurrent requests per mailbox is one Transporter's business.
 */
function exclusiveKey(object: ProtectedObject): string {
  return object.id;
}
