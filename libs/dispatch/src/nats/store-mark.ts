/**
 * What identifies the store of leases. Revisions are its sequence numbers; a store that was lost or put back to an earlier
 * state would give revisions a second time, so each one that is made begins at incarnation × 2^40.
 */
export interface StoreMark {
  incarnation: number;
  /** When the server made the stream, as it says. */
  created: string;
  /** The highest sequence seen in it. */
  lastSequence: number;
}

const SEQUENCES_PER_INCARNATION = 2 ** 40;
/** Beyond it a sequence is no exact number in JavaScript. One is used up each time the store is lost. */
const LAST_INCARNATION = Math.floor(Number.MAX_SAFE_INTEGER / SEQUENCES_PER_INCARNATION);

/** Where the sequences of an incarnation begin. */
export function firstSequenceOf(incarnation: number): number {
  if (Number.isInteger(incarnation) && incarnation >= 1 && incarnation <= LAST_INCARNATION) {
    return incarnation * SEQUENCES_PER_INCARNATION;
  }
  throw new RangeError(`An incarnation is a whole number from 1 to ${LAST_INCARNATION}, not ${incarnation}.`);
}

/** Which incarnation a sequence belongs to. */
export function incarnationOf(sequence: number): number {
  return Math.floor(sequence / SEQUENCES_PER_INCARNATION);
}

/**
 * - `same`: go on.
 * - `renewed`: another Director made it anew, with a higher incarnation; watches must be rebuilt.
 * - `missing`: nothing is there; it must be made.
 * - `rolled-back`: it is older than what we know, or not made by us; it must be deleted and made anew.
 */
export type StoreVerdict = 'same' | 'renewed' | 'missing' | 'rolled-back';

/** Compares the store that is `known` (null: nothing is known yet) with the one that was `found` (null: none). */
export function judgeStore(known: StoreMark | null, found: StoreMark | null): StoreVerdict {
  if (found === null) return 'missing';
  // A stream that somebody made by hand begins at 1.
  if (found.incarnation < 1) return 'rolled-back';
  if (known === null) return 'same';
  if (found.incarnation > known.incarnation) return 'renewed';
  if (found.incarnation < known.incarnation) return 'rolled-back';
  if (found.created !== known.created || found.lastSequence < known.lastSequence) return 'rolled-back';
  return 'same';
}
