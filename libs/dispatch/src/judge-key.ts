import { isSameClaim } from './claim-lease.ts';
import type { LeaseValue } from './ports.ts';

/**
 * What the holder of a lease makes of its key after a refused renewal:
 * - `mine`: an earlier renewal was stored and its acknowledgement lost; go on from this revision.
 * - `cancel`: the Director asks to stop at a safe point; go on from this revision until then.
 * - `lost`: it is somebody else's, or gone.
 */
export type KeyVerdict = 'mine' | 'cancel' | 'lost';

/** Decides by the value read from the store's leader; null: there is nothing. */
export function judgeKey(found: LeaseValue | null, mine: LeaseValue): KeyVerdict {
  if (found === null) return 'lost';
  if (isSameClaim(found, mine)) return 'mine';
  if (found.state === 'cancel' && found.fence === mine.fence) return 'cancel';
  return 'lost';
}
