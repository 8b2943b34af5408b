import { Failure, noCounts, type TaskCounts, type TaskState } from '@backhaul/domain';
import { rows, type Executor } from '../database/statement.ts';
import type { RunOptions } from './run-options.ts';
import type { RunDetails, RunState, RunSummary } from './run-views.ts';

export interface RunFilter {
  kind?: 'backup' | 'restore';
  jobId?: string;
  state?: RunState;
  /** (started at as text, id) of the last entry of the page before; null for the first page. */
  after?: readonly string[] | null;
  limit: number;
}

const SUMMARY = `id as "runId", kind, job_id as "jobId", options ->> 'jobName' as "jobName", state, outcome,
  started_at as "startedAt", ended_at as "endedAt", tasks_total as "tasksTotal", tasks_ended as "tasksEnded"`;

const LIST = `select ${SUMMARY}, started_at::text as "startedAtText" from runs
  where ($1::text is null or kind = $1)
    and ($2::uuid is null or job_id = $2)
    and ($3::text is null or state = $3)
    and ($4::timestamptz is null or (started_at, id) < ($4::timestamptz, $5::uuid))
  order by started_at desc, id desc
  limit $6`;

const ONE = `select ${SUMMARY}, options from runs where id = $1`;

/** Runs, newest first; one more than `limit` tells that there is a next page. */
export async function listRuns(
  on: Executor,
  { kind, jobId, state, after, limit }: RunFilter,
): Promise<(RunSummary & { startedAtText: string })[]> {
  const [startedAt = null, runId = null] = after ?? [];
  return rows(on, LIST, [kind ?? null, jobId ?? null, state ?? null, startedAt, runId, limit + 1]);
}

/** One run with its counts, live ones included. @throws Failure `not-found`. */
export async function readRun(on: Executor, runId: string): Promise<RunDetails> {
  const [run] = await rows<RunSummary & { options: RunOptions }>(on, ONE, [runId]);
  if (run === undefined) {
    throw new Failure('not-found', {
      code: 'run.not-found',
      message: 'There is no such run.',
      retry: 'never',
      where: { runId },
    });
  }
  return { ...run, tasks: await tasksByState(on, runId), counts: await sumOfCounts(on, runId) };
}

async function tasksByState(on: Executor, runId: string): Promise<Record<TaskState, number>> {
  const states = await rows<{ state: TaskState; tasks: number }>(
    on,
    'select state, count(*)::integer as tasks from tasks where run_id = $1 group by state',
    [runId],
  );
  const none = { queued: 0, running: 0, succeeded: 0, warning: 0, failed: 0, cancelled: 0 };
  return { ...none, ...Object.fromEntries(states.map(({ state, tasks }) => [state, tasks])) };
}

async function sumOfCounts(on: Executor, runId: string): Promise<TaskCounts> {
  const sums = await rows<{ name: string; total: number }>(
    on,
    `select count.key as name, sum(count.value::numeric)::float8 as total
       from tasks, jsonb_each_text(coalesce(result -> 'counts', progress -> 'counts')) as count
      where run_id = $1 group by count.key`,
    [runId],
  );
  return { ...noCounts(), ...Object.fromEntries(sums.map(({ name, total }) => [name, total])) };
}
