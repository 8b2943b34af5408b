import type { ContainerState } from '@backhaul/repository';

/** Change tracking that fails in so many runs in a row is not tried again for a while: a broken mailbox must not pay twice. */
const RUNS_BEFORE_HOLD_OFF = 3;
const HOUR_MS = 3_600_000;
const FIRST_HOLD_OFF_MS = 24 * HOUR_MS;
const LONGEST_HOLD_OFF_MS = 7 * 24 * HOUR_MS;

/** What became of change tracking of a container in this run; `not-tried`: it was held off, or the container not read. */
export type TrackingOutcome = 'worked' | 'failed' | 'not-tried';

/** Whether change tracking of a container must not be tried yet. */
export function isHeldOff(previous: Pick<ContainerState, 'setbacks'> | null, now: Date): boolean {
  const until = previous?.setbacks?.heldOffUntil ?? null;
  return until !== null && now.getTime() < Date.parse(until);
}

/** What the next run is to know; `undefined`: nothing, change tracking works. The pause doubles with each further failure. */
export function setbacksAfter(
  previous: Pick<ContainerState, 'setbacks'> | null,
  outcome: TrackingOutcome,
  now: Date,
): ContainerState['setbacks'] {
  if (outcome === 'worked') return undefined;
  if (outcome === 'not-tried') return previous?.setbacks;
  const inARow = (previous?.setbacks?.inARow ?? 0) + 1;
  if (inARow < RUNS_BEFORE_HOLD_OFF) return { inARow, heldOffUntil: null };
  const pauseMs = Math.min(FIRST_HOLD_OFF_MS * 2 ** (inARow - RUNS_BEFORE_HOLD_OFF), LONGEST_HOLD_OFF_MS);
  return { inARow, heldOffUntil: new Date(now.getTime() + pauseMs).toISOString() };
}
