import { Failure, type TaskSpec } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { rows, sqlState } from '../database/statement.ts';
import type { Epoch } from '../leadership/leader.store.ts';

/** A task that the scheduler wants to start, and where. */
export interface GrantWish {
  taskId: string;
  laneId: string;
  transporterId: string;
  boot: string;
}

/** A task that is now running; the lease of its slot has still to be reserved and the offer to be sent. */
export interface Grant extends GrantWish {
  fence: number;
  slot: number;
  earlierAttempts: number;
  spec: TaskSpec;
}

/** Why a wish was not granted; what the scheduler believed was out of date. */
export type GrantRefusal =
  | 'not-queued' // ended, cancelled, or running already
  | 'not-yet' // in back-off
  | 'lane-full'
  | 'lane-paused'
  | 'object-busy' // another lane's task holds the same mailbox, drive or site
  | 'transporter-gone'; // revoked

export type GrantAnswer = { wish: GrantWish } & ({ granted: Grant } | { granted: null; refusal: GrantRefusal });

const SUPERSEDED = 'BH001';

/**
 * Grants a batch in one server-side call, in the order of `wishes` (best first). Never more than the lane's limit, never
 * one object twice, and nothing at all for a leader that was replaced.
 * @throws Failure `stale` when `epoch` is not the leader's any more.
 */
export async function grantTasks(database: DataSource, epoch: Epoch, wishes: GrantWish[]): Promise<GrantAnswer[]> {
  interface Row {
    wished_task: string;
    verdict: GrantRefusal | 'granted';
    granted_fence: number;
    granted_slot: number;
    earlier_attempts: number;
    task_spec: TaskSpec;
  }
  if (wishes.length === 0) return [];
  const answers = await rows<Row>(database, 'select * from grant_tasks($1, $2::jsonb)', [
    epoch,
    JSON.stringify(wishes),
  ]).catch((error: unknown) => {
    throw sqlState(error) === SUPERSEDED ? superseded(epoch) : error;
  });
  const wishOf = new Map(wishes.map((wish) => [wish.taskId, wish]));
  return answers.map((row) => {
    const wish = wishOf.get(row.wished_task);
    if (wish === undefined) throw new Error('An answer to a wish that nobody had.');
    if (row.verdict !== 'granted') return { wish, granted: null, refusal: row.verdict };
    const { granted_fence: fence, granted_slot: slot, earlier_attempts: earlierAttempts, task_spec: spec } = row;
    return { wish, granted: { ...wish, fence, slot, earlierAttempts, spec } };
  });
}

/** Fences further ahead than this are no loss of our memory but somebody's invention. */
const PLAUSIBLE_LEAD = 1_000_000_000;

/**
 * Raises the fence sequence above the highest fence that was seen in leases or repositories, so that none is given twice
 * after an older dump came back. Only the leader calls it, before it grants. A fence that is implausibly far ahead (a rogue
 * Transporter may write any) is not believed, lest it use up all numbers.
 */
export async function raiseFences(database: DataSource, seen: number): Promise<void> {
  await rows(
    database,
    `select setval('fence_sequence', $1::bigint) from fence_sequence
      where last_value < $1::bigint and $1::bigint < last_value + $2::bigint`,
    [seen, PLAUSIBLE_LEAD],
  );
}

function superseded(epoch: Epoch): Failure {
  return new Failure('stale', {
    code: 'leader.superseded',
    message: 'Another Director dispatches now.',
    retry: 'never',
    where: { epoch: String(epoch) },
  });
}
