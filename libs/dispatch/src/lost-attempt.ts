import type { Fence } from '@backhaul/domain';
import { silenceUntilLostMs } from './lease-time.ts';
import type { LeaseValue } from './ports.ts';

/**
 * When an attempt is lost: its holder was silent for long enough to have stopped for certain, and the key no longer names
 * it. Neither alone suffices: a key may vanish early (a stepped clock, a wiped store) while the holder is at work until its
 * own deadline, and a holder may be silent to a watch that missed something.
 */
export function hasBeenSilentLongEnough(lastSeenMs: number, watchedUntilMs: number, leaseTimeMs: number): boolean {
  return watchedUntilMs - lastSeenMs > silenceUntilLostMs(leaseTimeMs);
}

/** Decides by the value read from the store's leader; null: there is nothing. */
export function keyNamesAnother(found: LeaseValue | null, fence: Fence): boolean {
  return found === null || found.fence !== fence;
}
