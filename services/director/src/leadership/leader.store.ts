import type { DataSource } from 'typeorm';
import { rows, transaction } from '../database/statement.ts';

/** Grows with every take-over; what a leader writes carries it, and an older one is refused. */
export type Epoch = number;

/**
 * Makes this Director the dispatcher when there is none, or when the present one's heartbeat is older than `silenceMs` by
 * the database's clock. Returns the new epoch, or null when somebody else dispatches.
 */
export async function takeOver(
  database: DataSource,
  { directorId, silenceMs }: { directorId: string; silenceMs: number },
): Promise<Epoch | null> {
  return transaction(database, async (tx) => {
    await rows(tx, `insert into leader (epoch, director_id) values (0, $1) on conflict (singleton) do nothing`, [
      directorId,
    ]);
    // Waits for grants that are under way; they hold the row shared.
    const [leader] = await rows<{ epoch: Epoch }>(tx, 'select epoch from leader for update');
    const [alive] = await rows(
      tx,
      `select from leader_heartbeat
        where beat_at > clock_timestamp() - make_interval(secs => $1::float8 / 1000) for update`,
      [silenceMs],
    );
    if (alive !== undefined || leader === undefined) return null;
    const epoch = leader.epoch + 1;
    await rows(tx, 'update leader set epoch = $1, director_id = $2, since = clock_timestamp()', [epoch, directorId]);
    await rows(
      tx,
      `insert into leader_heartbeat (epoch, beat_at) values ($1, clock_timestamp())
           on conflict (singleton) do update set epoch = excluded.epoch, beat_at = excluded.beat_at`,
      [epoch],
    );
    return epoch;
  });
}

/** Says that the leader of `epoch` is alive. False when another one has taken over. */
export async function beat(database: DataSource, epoch: Epoch): Promise<boolean> {
  const beaten = await rows(
    database,
    'update leader_heartbeat set beat_at = clock_timestamp() where epoch = $1 returning epoch',
    [epoch],
  );
  return beaten.length > 0;
}

/** Gives leadership up, so that the next one need not wait for the silence. */
export async function resign(database: DataSource, epoch: Epoch): Promise<void> {
  await rows(database, `update leader_heartbeat set beat_at = '-infinity' where epoch = $1`, [epoch]);
}
