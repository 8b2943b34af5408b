import { Failure, type Fence } from '@backhaul/domain';
import type { LeaseKey, LeaseKeys, LeaseValue } from './ports.ts';

export interface CancelMarkOptions {
  leases: LeaseKeys;
  key: LeaseKey;
  /** Whose holder is asked to stop. */
  fence: Fence;
  /** What was last seen in the key, where anything was. */
  lastSeen: { value: LeaseValue; revision: number } | null;
}

const ATTEMPTS = 3;

/**
 * Leaves a mark in the slot's key that the holder meets at its next renewal, so that a lost control message does no harm. It
 * was met when a claim of the same fence comes by again: only who read the mark knows the revision to renew from.
 * @returns `marked`, or `gone` when the key is not of this fence (any more).
 * @throws Failure when the store cannot be read or the key kept changing: try again later.
 */
export async function placeCancelMark(options: CancelMarkOptions): Promise<'marked' | 'gone'> {
  const { leases, key, fence, lastSeen } = options;
  let found = lastSeen?.value.fence === fence ? lastSeen : await leases.read(key);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    if (found === null || !canBeMarked(found.value, fence)) return 'gone';
    if (found.value.state === 'cancel') return 'marked';
    if (await isWritten(leases, key, { ...found.value, state: 'cancel' }, found.revision)) return 'marked';
    found = await leases.read(key);
  }
  throw new Failure('unavailable', {
    code: 'dispatch.slot-contended',
    message: `The lease ${key.laneId}.${key.slot} kept changing while it was to be marked.`,
    retry: 'later',
    where: { lane: key.laneId, slot: String(key.slot) },
  });
}

function canBeMarked(value: LeaseValue, fence: Fence): boolean {
  return value.fence === fence && ['reserved', 'claimed', 'cancel'].includes(value.state);
}

/** False when it was refused or the answer is unclear: what stands there then tells. */
async function isWritten(leases: LeaseKeys, key: LeaseKey, mark: LeaseValue, revision: number): Promise<boolean> {
  try {
    return (await leases.write(key, mark, revision)).written;
  } catch {
    return false;
  }
}
