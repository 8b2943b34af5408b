import { rows, type Executor } from '../database/statement.ts';
import { storableJson } from '../database/storable-json.ts';

/** What the database says of a Transporter and a want cannot. */
export interface Enrolled {
  transporterId: string;
  draining: boolean;
  revoked: boolean;
}

/** All enrolled Transporters. */
export async function enrolledTransporters(on: Executor): Promise<Enrolled[]> {
  return rows<Enrolled>(
    on,
    `select id as "transporterId", draining, revoked_at is not null as revoked from transporters`,
  );
}

/** What was heard of a Transporter since the last call. */
export interface Presence {
  transporterId: string;
  boot: string;
  slots: number;
  programVersion: string;
  /** Another living process with the same identity. */
  twinBoot: string | null;
}

/** Notes for people who is there; the time is the database's. */
export async function notePresence(on: Executor, heard: Presence[]): Promise<void> {
  await rows(
    on,
    `update transporters
        set last_seen_at = clock_timestamp(), boot = heard.boot, slots = heard.slots,
            program_version = heard."programVersion", twin_boot = coalesce(heard."twinBoot", twin_boot),
            twin_seen_at = case when heard."twinBoot" is null then twin_seen_at else clock_timestamp() end
       from jsonb_to_recordset($1::jsonb) as heard
            ("transporterId" uuid, boot text, slots integer, "programVersion" text, "twinBoot" text)
      where transporters.id = heard."transporterId"`,
    [storableJson(heard)],
  );
}
