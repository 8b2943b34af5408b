import type { Clock } from '@backhaul/domain';
import type { LeaseKey, LeaseKeys, LeaseValue, LeaseWrite, Offer } from './ports.ts';

/** An offer older than this is dropped: the Director takes it back soon. */
export const MAX_OFFER_AGE_MS = 5_000;
const READ_AGAIN_MS = 250;

/**
 * - `claimed`: the key is ours at `revision`; `sentAtMs` (monotonic) is when the claim was sent, from which the lease is counted.
 * - `too-old`: the offer lay too long, here or between our check and our claim; nothing is claimed any more.
 * - `taken`: the reservation is no longer what the offer names; `leaseRevision` is what stands there now (0: nothing).
 * - `unclear`: NATS did not tell in time. If the claim was made after all, it lapses.
 */
export type Claim =
  | { outcome: 'claimed'; revision: number; sentAtMs: number }
  | { outcome: 'too-old' }
  | { outcome: 'taken'; leaseRevision: number }
  | { outcome: 'unclear' };

export interface ClaimOptions {
  leases: LeaseKeys;
  clock: Clock;
  /** Ends the reading back of an unclear answer. */
  signal: AbortSignal;
}

/**
 * Claims the slot of an offer by compare-and-set on the reservation it names. Work begins only after the loan was granted
 * besides: the offer may have lain anywhere for any time before it was received.
 */
export async function claimLease(offer: Offer, receivedAtMs: number, options: ClaimOptions): Promise<Claim> {
  const { leases, clock } = options;
  const isTooOld = () => clock.monotonicMs() - receivedAtMs > MAX_OFFER_AGE_MS;
  if (isTooOld()) return { outcome: 'too-old' };

  const key = leaseKeyOf(offer);
  const mine = claimOf(offer);
  const sentAtMs = clock.monotonicMs();
  const answer = await writeOrUnclear(leases, key, mine, offer.leaseRevision);
  const revision =
    answer === 'unclear' ? await readBack(key, mine, isTooOld, options) : answer.written ? answer.revision : null;

  if (revision === 'unclear') return { outcome: 'unclear' };
  if (revision === null) return { outcome: 'taken', leaseRevision: await presentRevision(leases, key) };
  // A freeze may have fallen between the first look at the age and the claim.
  if (isTooOld()) {
    await writeOrUnclear(leases, key, { ...mine, state: 'released' }, revision);
    return { outcome: 'too-old' };
  }
  return { outcome: 'claimed', revision, sentAtMs };
}

/** The key of the slot that an offer is for. */
export function leaseKeyOf(offer: Offer): LeaseKey {
  return { laneId: offer.spec.laneId, slot: offer.slot };
}

/** What the holder of an offer's lease writes, at the claim and at every renewal. */
export function claimOf(offer: Offer): LeaseValue {
  const { fence, transporterId, boot } = offer;
  return { state: 'claimed', fence, taskId: offer.spec.taskId, transporterId, boot };
}

/** True when `found` is what {@link claimOf} wrote for the same process start. */
export function isSameClaim(found: LeaseValue, mine: LeaseValue): boolean {
  return (
    found.state === 'claimed' &&
    found.fence === mine.fence &&
    found.transporterId === mine.transporterId &&
    found.boot === mine.boot
  );
}

/** After an unclear answer: the revision if the key is ours after all, null if it certainly is not. */
async function readBack(
  key: LeaseKey,
  mine: LeaseValue,
  isTooOld: () => boolean,
  { leases, clock, signal }: ClaimOptions,
): Promise<number | null | 'unclear'> {
  while (!isTooOld() && !signal.aborted) {
    try {
      const found = await leases.read(key);
      if (found !== null && isSameClaim(found.value, mine)) return found.revision;
      // The reservation still stands: our claim may yet arrive there.
      if (found?.value.state !== 'reserved' || found.value.fence !== mine.fence) return null;
    } catch {
      // Asked again as long as the offer is young.
    }
    await clock.sleep(READ_AGAIN_MS, signal).catch(() => undefined);
  }
  return 'unclear';
}

async function writeOrUnclear(
  leases: LeaseKeys,
  key: LeaseKey,
  value: LeaseValue,
  expectedRevision: number,
): Promise<LeaseWrite | 'unclear'> {
  try {
    return await leases.write(key, value, expectedRevision);
  } catch {
    return 'unclear';
  }
}

async function presentRevision(leases: LeaseKeys, key: LeaseKey): Promise<number> {
  try {
    return (await leases.read(key))?.revision ?? 0;
  } catch {
    return 0;
  }
}
