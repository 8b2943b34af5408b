import { Failure, type Fence } from '@backhaul/domain';
import type { LeaseKey, LeaseKeys, LeaseValue } from './ports.ts';

/** `occupied`: the key names a fence that runs; the grant and the store disagree, and the slot is not to be offered. */
export type Reservation = { reserved: true; revision: number } | { reserved: false; occupant: LeaseValue };

export interface ReserveOptions {
  leases: LeaseKeys;
  key: LeaseKey;
  /** The reservation that belongs to a committed grant. */
  reservation: Omit<LeaseValue, 'state'>;
  /** Revision last seen in the key, 0 for none. */
  knownRevision: number;
  /** Whether PostgreSQL says that a fence runs. */
  isRunning: (fence: Fence) => boolean | Promise<boolean>;
}

const ATTEMPTS = 5;

/**
 * Writes the reservation that an offer will name. What stands in the key is overwritten only when its fence does not run.
 * @throws Failure `unavailable` when others kept writing meanwhile; `timed-out`, `unreachable` and so on when the store cannot
 * be read: nothing is offered then, and the grant is taken back later.
 */
export async function reserveSlot(options: ReserveOptions): Promise<Reservation> {
  const { leases, key, isRunning } = options;
  const mine: LeaseValue = { ...options.reservation, state: 'reserved' };
  let expected = options.knownRevision;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const revision = await writeIfUnchanged(leases, key, mine, expected);
    if (revision !== null) return { reserved: true, revision };

    const found = await leases.read(key);
    if (found !== null && found.value.fence === mine.fence) {
      if (found.value.state === 'reserved') return { reserved: true, revision: found.revision };
      return { reserved: false, occupant: found.value };
    }
    if (found !== null && (await isRunning(found.value.fence))) return { reserved: false, occupant: found.value };
    expected = found?.revision ?? 0;
  }
  throw new Failure('unavailable', {
    code: 'dispatch.slot-contended',
    message: `The lease ${key.laneId}.${key.slot} kept changing while it was to be reserved.`,
    retry: 'later',
    where: { lane: key.laneId, slot: String(key.slot) },
  });
}

/** The new revision, or null when the write was refused or its answer is unclear: both are settled by reading. */
async function writeIfUnchanged(
  leases: LeaseKeys,
  key: LeaseKey,
  value: LeaseValue,
  expected: number,
): Promise<number | null> {
  try {
    const answer = await leases.write(key, value, expected);
    return answer.written ? answer.revision : null;
  } catch {
    return null;
  }
}
