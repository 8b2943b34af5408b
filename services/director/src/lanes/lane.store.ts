import { Failure, MAX_TRANSPORTER_LOAD, type Priority, type TransporterLoad } from '@backhaul/domain';
import { announce } from '../database/announce.ts';
import { rows, type Executor } from '../database/statement.ts';

/** What a limit on concurrent tasks applies to: a job, or a restore. Limit, priority and pause are live. */
export interface Lane {
  laneId: string;
  kind: 'job' | 'restore';
  /** 0 (restores) before 1…5 (jobs). */
  priority: Priority | 0;
  /** At most this many tasks at work, 1–1000; null is the explicit choice "no limit". */
  limit: TransporterLoad;
  paused: boolean;
}

/** What may be changed of a lane while its tasks run; what is absent stays. */
export type LaneChanges = Partial<Pick<Lane, 'priority' | 'limit' | 'paused'>>;

/** Stores a lane; call it in the transaction that stores the job or the restore of the same id. */
export async function createLane(on: Executor, lane: Lane): Promise<void> {
  refuseBadValues(lane);
  await rows(on, 'insert into lanes (id, kind, priority, task_limit, paused) values ($1, $2, $3, $4, $5)', [
    lane.laneId,
    lane.kind,
    lane.priority,
    lane.limit,
    lane.paused,
  ]);
}

/**
 * Changes a lane at once, for running runs too: the dispatching Director hears of it when the transaction commits. Nobody
 * is stopped by a lower limit; no new task starts until the number has drained.
 * @throws Failure `not-found` for an unknown lane, `invalid-input` for a value out of range.
 */
export async function changeLane(on: Executor, laneId: string, changes: LaneChanges): Promise<void> {
  refuseBadValues(changes);
  const changed = await rows(
    on,
    `update lanes set priority   = coalesce($2, priority),
                      task_limit = case when $3 then $4 else task_limit end,
                      paused     = coalesce($5, paused)
      where id = $1 returning id`,
    [laneId, changes.priority ?? null, changes.limit !== undefined, changes.limit ?? null, changes.paused ?? null],
  );
  if (changed.length === 0) {
    throw new Failure('not-found', {
      code: 'lane.not-found',
      message: 'There is no such job or restore.',
      retry: 'never',
      where: { laneId },
    });
  }
  await announce(on, { type: 'lane', laneId });
}

/** The lanes that have tasks queued or running; of these, or of all. */
export async function openLanes(on: Executor, laneIds: string[] | null = null): Promise<Lane[]> {
  return rows<Lane>(
    on,
    `select id as "laneId", kind, priority, task_limit as "limit", paused
       from lanes
      where ($1::uuid[] is null or id = any ($1::uuid[]))
        and (exists (select from tasks where lane_id = lanes.id and state = 'queued')
          or exists (select from tasks where lane_id = lanes.id and state = 'running'))`,
    [laneIds],
  );
}

function refuseBadValues({ priority, limit }: LaneChanges): void {
  if (priority !== undefined && !(Number.isInteger(priority) && priority >= 0 && priority <= 5)) {
    throw outOfRange('priority', 'The priority is a whole number from 1 to 5.');
  }
  if (
    limit !== undefined &&
    limit !== null &&
    !(Number.isInteger(limit) && limit >= 1 && limit <= MAX_TRANSPORTER_LOAD)
  ) {
    throw outOfRange('transporterLoad', `The limit is a whole number from 1 to ${MAX_TRANSPORTER_LOAD}, or no limit.`);
  }
}

function outOfRange(field: string, hint: string): Failure {
  return new Failure('invalid-input', {
    code: 'lane.out-of-range',
    message: `The value of ${field} is out of range.`,
    hint,
    retry: 'never',
    where: { field },
  });
}
