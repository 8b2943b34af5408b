import { rows, type Executor } from '../database/statement.ts';
import type { RunningAttempt } from './attempt-book.ts';

/** A task as the scheduler must know it. Spans are by the database's clock, so that no other clock matters. */
export interface QueuedTask {
  taskId: string;
  laneId: string;
  exclusiveKey: string;
  repositoryId: string;
  waitedMs: number;
  /** 0 when it may start at once. */
  pauseMs: number;
  losses: number;
}

/** A running attempt as it is on record. */
export type AttemptOnRecord = Omit<RunningAttempt, 'offer' | 'cancelMark' | 'knownSinceMs'>;

/** How many tasks a lane has queued or running. */
export interface LaneLoad {
  laneId: string;
  open: number;
}

/** All queued tasks, or those of some lanes, longest waiting first. */
export async function queuedTasks(on: Executor, laneIds: string[] | null = null): Promise<QueuedTask[]> {
  return rows<QueuedTask>(
    on,
    `select id as "taskId", lane_id as "laneId", exclusive_key as "exclusiveKey", repository_id as "repositoryId", losses,
            (extract(epoch from clock_timestamp() - queued_at) * 1000)::float8 as "waitedMs",
            greatest(0, coalesce(extract(epoch from not_before - clock_timestamp()) * 1000, 0))::float8 as "pauseMs"
       from tasks
      where state = 'queued' and ($1::uuid[] is null or lane_id = any ($1::uuid[]))
      order by queued_at, id`,
    [laneIds],
  );
}

/** All running attempts, or those of some lanes. */
export async function runningAttempts(on: Executor, laneIds: string[] | null = null): Promise<AttemptOnRecord[]> {
  return rows<AttemptOnRecord>(
    on,
    `select id as "taskId", lane_id as "laneId", exclusive_key as "exclusiveKey", repository_id as "repositoryId", losses,
            fence, slot, transporter_id as "transporterId", boot, cancel_requested as "cancelRequested"
       from tasks
      where state = 'running' and ($1::uuid[] is null or lane_id = any ($1::uuid[]))`,
    [laneIds],
  );
}

/** How much is open in each lane; cheap enough for a slow poll. */
export async function laneLoads(on: Executor): Promise<LaneLoad[]> {
  return rows<LaneLoad>(
    on,
    `select lane_id as "laneId", count(*)::integer as open from tasks where state in ('queued', 'running') group by lane_id`,
  );
}

/** The lane of a run; null when there is no such run. */
export async function laneOfRun(on: Executor, runId: string): Promise<string | null> {
  const [run] = await rows<{ laneId: string }>(on, 'select lane_id as "laneId" from runs where id = $1', [runId]);
  return run?.laneId ?? null;
}

/** True when a fence is running, whoever holds it. */
export async function isFenceRunning(on: Executor, fence: number): Promise<boolean> {
  const found = await rows(
    on,
    `select from attempts join tasks on tasks.id = attempts.task_id
      where attempts.fence = $1 and tasks.fence = attempts.fence and tasks.state = 'running'`,
    [fence],
  );
  return found.length > 0;
}

/** Fences of backups at work on an object for which a restore waits that could start now but for them. */
export async function backupsInTheWay(on: Executor): Promise<number[]> {
  const found = await rows<{ fence: number }>(
    on,
    `select distinct backup.fence
       from lanes restores
       join tasks waiting on waiting.lane_id = restores.id and waiting.state = 'queued'
       join tasks backup on backup.exclusive_key = waiting.exclusive_key and backup.state = 'running'
       join lanes backups on backups.id = backup.lane_id and backups.kind = 'job'
      where restores.kind = 'restore' and not restores.paused
        and (restores.task_limit is null
          or restores.task_limit > (select count(*) from tasks where lane_id = restores.id and state = 'running'))
        and (waiting.not_before is null or waiting.not_before <= clock_timestamp())`,
  );
  return found.map(({ fence }) => fence);
}
