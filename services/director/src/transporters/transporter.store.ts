import { Failure } from '@backhaul/domain';
import type { JsonWebKey } from '@backhaul/dispatch';
import type { DataSource } from 'typeorm';
import { announce } from '../database/announce.ts';
import { rows, transaction, type Executor } from '../database/statement.ts';

/**
 * `online`: heard within the last seconds; `draining`: online but takes nothing new; `twin`: another living process claims
 * the same id, see `follow-boot`; `offline`: silent; `revoked`: for good.
 */
export type TransporterState = 'online' | 'draining' | 'twin' | 'offline' | 'revoked';

export interface TransporterView {
  transporterId: string;
  name: string;
  nameFolded: string;
  state: TransporterState;
  enrolledAt: Date;
  lastSeenAt: Date | null;
  revokedAt: Date | null;
  /** How many tasks it works on at once, as it said last. */
  slots: number | null;
  /** Tasks running on it, from the database. */
  running: number;
  programVersion: string | null;
  /** Nonce of the second process with this id and when it was heard last. */
  twin: { boot: string; seenAt: Date } | null;
}

/** A Transporter that was not heard for this long is shown as offline. */
const SILENT_AFTER = '15 seconds';

const VIEW = `select t.id as "transporterId", t.name, t.name_folded as "nameFolded", t.enrolled_at as "enrolledAt", t.last_seen_at as "lastSeenAt",
    t.revoked_at as "revokedAt", t.slots, t.program_version as "programVersion",
    (select count(*)::integer from tasks where tasks.transporter_id = t.id and tasks.state = 'running') as running,
    case when t.twin_seen_at > clock_timestamp() - interval '${SILENT_AFTER}'
         then jsonb_build_object('boot', t.twin_boot, 'seenAt', t.twin_seen_at) end as twin,
    case when t.revoked_at is not null then 'revoked'
         when t.last_seen_at is null or t.last_seen_at < clock_timestamp() - interval '${SILENT_AFTER}' then 'offline'
         when t.twin_seen_at > clock_timestamp() - interval '${SILENT_AFTER}' then 'twin'
         when t.draining then 'draining'
         else 'online' end as state
  from transporters t`;

const LIST = `${VIEW} where $1::text is null or (t.name_folded, t.id) > ($1, $2::uuid) order by t.name_folded, t.id limit $3`;
const ONE = `${VIEW} where t.id = $1`;

/**
 * Enrolled Transporters by name, revoked ones too; one more than `limit` tells that there is a next page.
 * @param after (folded name, id).
 */
export async function listTransporters(
  on: Executor,
  after: readonly string[] | null,
  limit: number,
): Promise<TransporterView[]> {
  const found = await rows<TransporterView>(on, LIST, [after?.[0] ?? null, after?.[1] ?? null, limit + 1]);
  return found.map(withTwinDate);
}

/** @throws Failure `not-found`. */
export async function readTransporter(on: Executor, transporterId: string): Promise<TransporterView> {
  const [found] = await rows<TransporterView>(on, ONE, [transporterId]);
  if (found === undefined) throw unknownTransporter(transporterId);
  return withTwinDate(found);
}

/**
 * Takes a Transporter out for good: it gets no more offers, tokens or keys, its results are refused, and what it works on
 * is given to others once its leases have ended. Repeating it is harmless. @throws Failure `not-found`.
 */
export async function revokeTransporter(database: DataSource, transporterId: string): Promise<void> {
  await change(
    database,
    transporterId,
    'update transporters set revoked_at = coalesce(revoked_at, clock_timestamp()) where id = $1 returning id',
    [],
  );
}

/** Starts or ends draining: running tasks stop at a safe point, nothing new starts. @throws Failure `not-found`. */
export async function drainTransporter(database: DataSource, transporterId: string, draining: boolean): Promise<void> {
  await change(database, transporterId, 'update transporters set draining = $2 where id = $1 returning id', [draining]);
}

/** The key to which loans for this Transporter are sealed; null when it is unknown or revoked. */
export async function sealingKeyOf(on: Executor, transporterId: string): Promise<JsonWebKey | null> {
  const [found] = await rows<{ key: JsonWebKey }>(
    on,
    'select sealing_key as key from transporters where id = $1 and revoked_at is null',
    [transporterId],
  );
  return found?.key ?? null;
}

async function change(database: DataSource, transporterId: string, sql: string, values: unknown[]): Promise<void> {
  await transaction(database, async (tx) => {
    const changed = await rows(tx, sql, [transporterId, ...values]);
    if (changed.length === 0) throw unknownTransporter(transporterId);
    await announce(tx, { type: 'transporter', transporterId });
  });
}

function withTwinDate(view: TransporterView): TransporterView {
  return view.twin === null ? view : { ...view, twin: { ...view.twin, seenAt: new Date(view.twin.seenAt) } };
}

function unknownTransporter(transporterId: string): Failure {
  return new Failure('not-found', {
    code: 'transporter.not-found',
    message: 'There is no such Transporter.',
    retry: 'never',
    where: { transporterId },
  });
}
