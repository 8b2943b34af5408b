import {
  noCounts,
  type FailureRecord,
  type ItemIssue,
  type PointSummary,
  type TaskCounts,
  type TaskResult,
  type TaskState,
} from '@backhaul/domain';
import type { DataSource, EntityManager } from 'typeorm';
import { rows, transaction } from '../database/statement.ts';
import { storableJson } from '../database/storable-json.ts';
import { isUuid } from '../database/uuid.ts';
import { countEndedTasks } from '../runs/end-runs.ts';
import { afterAttempt, type AfterAttempt, type Ending, type TaskMemory } from './after-attempt.ts';
import { credibleResult, type TaskIdentity } from './credible-result.ts';

/** The end of an attempt: reported by its holder, or decided by the Director. */
export type AttemptEnding =
  | { by: 'holder'; senderId: string; result: TaskResult }
  | { by: 'director'; taskId: string; fence: number; outcome: 'lost' | 'refused' | 'failed'; failure?: FailureRecord };

/** `stale`: the fence is not running, or the sender does not hold it; nothing was changed. */
export type Settlement =
  | { verdict: 'stale'; taskId: string; fence: number }
  | {
      verdict: 'accepted';
      taskId: string;
      fence: number;
      laneId: string;
      state: Exclude<TaskState, 'running'>;
      /** Only when queued again. */
      notBeforeMs: number;
      losses: number;
    };

interface RunningTask extends TaskMemory, TaskIdentity {
  taskId: string;
  runId: string;
  laneId: string;
  repositoryId: string;
  fence: number;
  transporterId: string;
  progressCounts: TaskCounts | null;
}

/** What is written for one accepted ending. */
interface Settled {
  task: RunningTask;
  ending: Ending;
  after: AfterAttempt;
  counts: TaskCounts;
  issues: ItemIssue[];
  point: PointSummary | null;
}

/**
 * Accepts the ends of attempts in one transaction: task, attempt, recovery point, and the end of the run with its last
 * task. Only the fence on record counts, and of a reported end only the holder on record; everything else is stale, so
 * repeating a call changes nothing. Answers in the order of `endings`.
 */
export async function settleAttempts(database: DataSource, endings: AttemptEnding[]): Promise<Settlement[]> {
  return transaction(database, async (tx) => {
    const running = await lockRunning(tx, endings.map(fenceOf));
    const settled: Settled[] = [];
    const settlements = endings.map((ending): Settlement => {
      const { taskId, fence } = fenceOf(ending);
      const task = running.get(fence);
      const isOnRecord =
        task?.taskId === taskId && (ending.by === 'director' || task.transporterId === ending.senderId);
      if (!isOnRecord) return { verdict: 'stale', taskId, fence };
      // The same end twice in one batch: the second finds nothing running.
      running.delete(fence);
      const one = settle(task, ending);
      settled.push(one);
      return accepted(one);
    });
    await writeTasks(tx, settled);
    await writeAttempts(tx, settled);
    await writePoints(tx, settled);
    await countEndedTasks(tx, endedPerRun(settled));
    return settlements;
  });
}

function fenceOf(ending: AttemptEnding): { taskId: string; fence: number } {
  return ending.by === 'holder' ? ending.result : ending;
}

/** Locks runs by id, then tasks by id; what is not running under one of the fences is left out. */
async function lockRunning(
  tx: EntityManager,
  fences: { taskId: string; fence: number }[],
): Promise<Map<number, RunningTask>> {
  const taskIds = fences.map(({ taskId }) => taskId).filter(isUuid);
  if (taskIds.length === 0) return new Map();
  await rows(
    tx,
    `select id from runs where id in (select run_id from tasks where id = any ($1::uuid[])) order by id for update`,
    [taskIds],
  );
  const found = await rows<RunningTask>(
    tx,
    `select id as "taskId", run_id as "runId", lane_id as "laneId", repository_id as "repositoryId", fence,
            transporter_id as "transporterId", failures, losses, cancel_requested as "cancelRequested",
            spec #>> '{work,type}' as type, spec #>> '{work,jobId}' as "jobId", object_id as "objectId",
            progress -> 'counts' as "progressCounts"
       from tasks where id = any ($1::uuid[]) and state = 'running' order by id for update`,
    [taskIds],
  );
  return new Map(found.map((task) => [task.fence, task]));
}

function settle(task: RunningTask, ending: AttemptEnding): Settled {
  if (ending.by === 'director') {
    return {
      task,
      ending,
      after: afterAttempt(task, ending),
      counts: task.progressCounts ?? noCounts(),
      issues: [],
      point: null,
    };
  }
  const result = credibleResult(task, ending.result);
  const { counts, issues, point = null } = result;
  return { task, ending: result, after: afterAttempt(task, result), counts, issues, point };
}

function accepted({ task, after }: Settled): Settlement {
  return {
    verdict: 'accepted',
    taskId: task.taskId,
    fence: task.fence,
    laneId: task.laneId,
    state: after.state,
    notBeforeMs: after.state === 'queued' ? after.notBeforeMs : 0,
    losses: after.losses,
  };
}

async function writeTasks(tx: EntityManager, settled: Settled[]): Promise<void> {
  const values = settled.map(({ task, ending, after, counts, issues, point }) => ({
    id: task.taskId,
    state: after.state,
    failures: after.failures,
    losses: after.losses,
    pause_ms: after.state === 'queued' ? after.notBeforeMs : 0,
    cause: after.state === 'queued' ? (after.cause ?? null) : null,
    result:
      after.state === 'queued'
        ? null
        : {
            counts,
            issues,
            ...(after.state === 'failed' ? { failure: after.failure } : ending.failure && { failure: ending.failure }),
            ...(point && { point }),
          },
  }));
  await rows(
    tx,
    `update tasks
        set state = settled.state, failures = settled.failures, losses = settled.losses, slot = null,
            cause = settled.cause, result = settled.result,
            not_before = case when settled.pause_ms > 0
                              then clock_timestamp() + make_interval(secs => settled.pause_ms / 1000) end,
            ended_at = case when settled.state <> 'queued' then clock_timestamp() end
       from jsonb_to_recordset($1::jsonb) as settled
            (id uuid, state text, failures integer, losses integer, pause_ms float8, cause jsonb, result jsonb)
      where tasks.id = settled.id`,
    [storableJson(values)],
  );
}

async function writeAttempts(tx: EntityManager, settled: Settled[]): Promise<void> {
  const values = settled.map(({ task, ending }) => ({
    fence: task.fence,
    outcome: ending.outcome,
    failure: ending.failure ?? null,
  }));
  await rows(
    tx,
    `update attempts set outcome = settled.outcome, failure = settled.failure, ended_at = clock_timestamp()
       from jsonb_to_recordset($1::jsonb) as settled (fence bigint, outcome text, failure jsonb)
      where attempts.fence = settled.fence`,
    [storableJson(values)],
  );
}

/** The table is a cache of the repository: a point reported again, by whichever attempt found it, is the same point. */
async function writePoints(tx: EntityManager, settled: Settled[]): Promise<void> {
  const values = settled.flatMap(({ task, point }) =>
    point === null ? [] : [{ ...point, repositoryId: task.repositoryId, taskId: task.taskId }],
  );
  if (values.length === 0) return;
  await rows(
    tx,
    `insert into points (repository_id, job_id, object_id, sequence, task_id, fence, status, kinds, created_at,
                         item_count, bytes_total, bytes_new)
     select "repositoryId", "jobId", "objectId", sequence, "taskId", fence, status, kinds, "createdAt", "itemCount",
            "bytesTotal", "bytesNew"
       from jsonb_to_recordset($1::jsonb) as point
            ("repositoryId" uuid, "jobId" uuid, "objectId" uuid, sequence integer, "taskId" uuid, fence bigint,
             status text, kinds text[], "createdAt" timestamptz, "itemCount" bigint, "bytesTotal" bigint,
             "bytesNew" bigint)
         on conflict (repository_id, job_id, object_id, sequence) do update
        set task_id = excluded.task_id, fence = excluded.fence, status = excluded.status, kinds = excluded.kinds,
            created_at = excluded.created_at, item_count = excluded.item_count, bytes_total = excluded.bytes_total,
            bytes_new = excluded.bytes_new`,
    [storableJson(values)],
  );
}

function endedPerRun(settled: Settled[]): Map<string, number> {
  const ended = new Map<string, number>();
  for (const { task, after } of settled) {
    if (after.state !== 'queued') ended.set(task.runId, (ended.get(task.runId) ?? 0) + 1);
  }
  return ended;
}
