import {
  Failure,
  noCounts,
  type FailureRecord,
  type ObjectKind,
  type TaskProgress,
  type TaskResult,
  type TaskState,
} from '@backhaul/domain';
import { rows, type Executor } from '../database/statement.ts';
import type { AttemptView, TaskDetails, TaskView, WaitingReason } from './run-views.ts';

export interface TaskFilter {
  runId: string;
  state?: TaskState;
  /** (id) of the last entry of the page before; null for the first page. */
  after?: readonly string[] | null;
  limit: number;
}

/** What the dispatcher knows about a queued task; null when another Director dispatches. See `DirectorCore.whyWaiting`. */
export type WhyWaiting = (taskId: string) => WaitingReason | null;

interface TaskRow {
  taskId: string;
  runId: string;
  objectId: string;
  objectKind: ObjectKind;
  displayName: string;
  address: string;
  state: TaskState;
  cancelRequested: boolean;
  queuedAt: Date;
  notBefore: Date | null;
  isHeldBack: boolean;
  startedAt: Date | null;
  endedAt: Date | null;
  attempts: number;
  failures: number;
  losses: number;
  transporterId: string | null;
  transporterName: string | null;
  progress: TaskProgress | null;
  result: TaskResult | null;
  cause: FailureRecord | null;
}

const TASK = `select task.id as "taskId", task.run_id as "runId", object.id as "objectId", object.kind as "objectKind",
    object.display_name as "displayName", object.address, task.state, task.cancel_requested as "cancelRequested",
    task.queued_at as "queuedAt", task.not_before as "notBefore",
    coalesce(task.not_before > clock_timestamp(), false) as "isHeldBack",
    task.started_at as "startedAt", task.ended_at as "endedAt", task.attempts, task.failures, task.losses,
    transporter.id as "transporterId", transporter.name as "transporterName", task.progress, task.result, task.cause
  from tasks task
  join protected_objects object on object.id = task.object_id
  left join transporters transporter on transporter.id = task.transporter_id`;

const LIST = `${TASK}
  where task.run_id = $1 and ($2::text is null or task.state = $2) and ($3::uuid is null or task.id > $3)
  order by task.id limit $4`;

const ONE = `${TASK} where task.id = $1`;

/** Tasks of a run in a fixed order; one more than `limit` tells that there is a next page. An unknown run has none. */
export async function listTasks(
  on: Executor,
  { runId, state, after, limit }: TaskFilter,
  whyWaiting: WhyWaiting,
): Promise<TaskView[]> {
  const found = await rows<TaskRow>(on, LIST, [runId, state ?? null, after?.[0] ?? null, limit + 1]);
  return found.map((row) => taskView(row, whyWaiting));
}

/** One task with its issues, its point and its attempts. @throws Failure `not-found`. */
export async function readTask(on: Executor, taskId: string, whyWaiting: WhyWaiting): Promise<TaskDetails> {
  const [row] = await rows<TaskRow>(on, ONE, [taskId]);
  if (row === undefined) {
    throw new Failure('not-found', {
      code: 'task.not-found',
      message: 'There is no such task.',
      retry: 'never',
      where: { taskId },
    });
  }
  return {
    ...taskView(row, whyWaiting),
    issues: row.result?.issues ?? [],
    point: row.result?.point ?? null,
    history: await attemptsOf(on, taskId),
  };
}

async function attemptsOf(on: Executor, taskId: string): Promise<AttemptView[]> {
  type AttemptRow = Omit<AttemptView, 'transporter'> & { transporterId: string; transporterName: string };
  const attempts = await rows<AttemptRow>(
    on,
    `select attempt.fence, attempt.slot, attempt.granted_at as "grantedAt", attempt.started_at as "startedAt",
            attempt.ended_at as "endedAt", attempt.outcome, attempt.failure,
            transporter.id as "transporterId", transporter.name as "transporterName"
       from attempts attempt join transporters transporter on transporter.id = attempt.transporter_id
      where attempt.task_id = $1 order by attempt.fence`,
    [taskId],
  );
  return attempts.map(({ transporterId, transporterName, ...attempt }) => ({
    ...attempt,
    transporter: { transporterId, name: transporterName },
  }));
}

function taskView(row: TaskRow, whyWaiting: WhyWaiting): TaskView {
  return {
    taskId: row.taskId,
    runId: row.runId,
    object: { objectId: row.objectId, kind: row.objectKind, displayName: row.displayName, address: row.address },
    state: row.state,
    cancelRequested: row.cancelRequested,
    queuedAt: row.queuedAt,
    notBefore: row.notBefore,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    attempts: row.attempts,
    failures: row.failures,
    losses: row.losses,
    transporter:
      row.transporterId === null ? null : { transporterId: row.transporterId, name: row.transporterName ?? '' },
    progress: row.progress,
    counts: row.result?.counts ?? row.progress?.counts ?? noCounts(),
    failure: row.result?.failure ?? (row.state === 'queued' || row.state === 'running' ? row.cause : null),
    waiting: row.state === 'queued' ? (whyWaiting(row.taskId) ?? plainReason(row)) : null,
  };
}

/** What the row alone can tell, for a Director that does not dispatch. */
function plainReason({ isHeldBack, notBefore }: TaskRow): WaitingReason {
  if (isHeldBack && notBefore !== null) {
    return { code: 'not-before', message: `It may start again at ${notBefore.toISOString()}.` };
  }
  return { code: 'queued', message: 'It waits for its turn.' };
}
