import type { Fence } from '@backhaul/domain';
import type { LeaseKey, LeaseKeys, LeaseValue } from './ports.ts';

/** An offer that was not claimed in this time is taken back. */
export const UNCLAIMED_AFTER_MS = 10_000;

/**
 * - `taken-back`: nobody can claim it any more; the task may be queued again at once.
 * - `claimed`: a Transporter holds it after all.
 * - `unclear`: it may be held; only the rule of lost attempts can tell.
 */
export type TakeBack = 'taken-back' | 'claimed' | 'unclear';

export interface TakeBackOptions {
  leases: LeaseKeys;
  key: LeaseKey;
  /** The reservation that was offered. */
  reservation: Omit<LeaseValue, 'state'>;
  /** Its revision. */
  revision: number;
}

/**
 * Takes back an offer by overwriting its reservation with a tombstone: a value, since a deleted key could be claimed by an
 * old offer for "nothing there". Never throws.
 */
export async function takeBackOffer(options: TakeBackOptions): Promise<TakeBack> {
  const { leases, key, reservation } = options;
  const tombstone: LeaseValue = { ...reservation, state: 'tombstone' };
  let revision = options.revision;
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    try {
      if ((await leases.write(key, tombstone, revision)).written) return 'taken-back';
    } catch {
      // The write may have happened: what stands there tells.
    }
    const found = await leases.read(key).catch(() => null);
    const verdict = judgeReservation(found?.value ?? null, reservation.fence);
    if (verdict !== 'still-reserved' || found === null) return verdict === 'still-reserved' ? 'unclear' : verdict;
    revision = found.revision;
  }
  return 'unclear';
}

/** Decides by what stands in the key after the tombstone was refused; null: nothing, or it could not be read. */
export function judgeReservation(found: LeaseValue | null, fence: Fence): TakeBack | 'still-reserved' {
  // It vanished before its time: a claim may have vanished with it, and its holder be at work.
  if (found === null) return 'unclear';
  // A later grant has the slot, so this one had ended before. An earlier one, or none of ours, proves nothing.
  if (found.fence !== fence) return found.fence > fence ? 'taken-back' : 'unclear';
  switch (found.state) {
    case 'claimed':
      return 'claimed';
    case 'tombstone':
    case 'released':
      return 'taken-back';
    case 'reserved':
      return 'still-reserved';
    case 'cancel':
      // It may stand upon a claim whose holder has not met it yet.
      return 'unclear';
  }
}
