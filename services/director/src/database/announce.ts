import { rows, type Executor } from './statement.ts';

/** The channel on which Directors tell each other what changed. A lost message costs only time: there is a slow poll. */
export const CHANGES_CHANNEL = 'backhaul_changes';
/** Names of channels cannot be bound parameters, so the whole statements stand here. */
export const LISTEN_TO_CHANGES = 'listen backhaul_changes';
export const UNLISTEN_TO_CHANGES = 'unlisten backhaul_changes';

/** What changed; the listener reads the rows themselves. */
export type Change =
  | { type: 'lane'; laneId: string } // limit, priority or pause
  | { type: 'run'; runId: string } // tasks queued, cancelled or marked for cancelling
  | { type: 'transporter'; transporterId: string }; // enrolled or revoked

/** Tells every Director of a change once the surrounding transaction commits. */
export async function announce(on: Executor, change: Change): Promise<void> {
  await rows(on, 'select pg_notify($1, $2)', [CHANGES_CHANNEL, JSON.stringify(change)]);
}
