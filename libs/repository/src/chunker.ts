import { hkdf } from './key-ring.ts';

/** Content-defined chunking of long streams (FORMAT.md 7). */

/** A stream up to this many bytes is one chunk. */
export const WHOLE_UP_TO = 2 * 1024 * 1024;
const MIN_LENGTH = 512 * 1024;
const AVERAGE_LENGTH = 1024 * 1024;
export const MAX_CHUNK_LENGTH = 4 * 1024 * 1024;
/** Upper 21 bits before the average length, upper 19 after it: pulls the lengths together around the average. */
const STRICT_MASK = 0xfffff800 | 0;
const LOOSE_MASK = 0xffffe000 | 0;

/** 256 numbers that depend on the repository's key, so that lengths of chunks tell nothing about known files. */
export type GearTable = Int32Array;

export function gearTable(chunkerKey: Uint8Array): GearTable {
  const bytes = hkdf(chunkerKey, new Uint8Array(0), 'backhaul/1/gear', 1024);
  return Int32Array.from({ length: 256 }, (_, index) => bytes.readInt32LE(index * 4));
}

/** Lengths of the chunks of a stream, in order; their sum is the stream's length. */
export function chunkLengths(gear: GearTable, stream: Uint8Array): number[] {
  if (stream.length === 0) return [];
  return stream.length <= WHOLE_UP_TO ? [stream.length] : certainLengths(gear, stream, true);
}

/**
 * Lengths of the chunks at the beginning of `window`, a part of a stream longer than {@link WHOLE_UP_TO} that begins where a
 * chunk does, as far as they are certain whatever follows; with `isLast` nothing does.
 */
export function certainLengths(gear: GearTable, window: Uint8Array, isLast: boolean): number[] {
  const lengths: number[] = [];
  for (let start = 0; start < window.length;) {
    const length = cut(gear, window, start) - start;
    const mayGoOn = !isLast && start + length === window.length && length < MAX_CHUNK_LENGTH;
    if (mayGoOn) break;
    lengths.push(length);
    start += length;
  }
  return lengths;
}

/** The end of the chunk that begins at `start`. */
function cut(gear: GearTable, stream: Uint8Array, start: number): number {
  const end = Math.min(stream.length, start + MAX_CHUNK_LENGTH);
  const average = Math.min(end, start + AVERAGE_LENGTH);
  let hash = 0;
  let at = start + MIN_LENGTH;
  if (at >= end) return end;
  // The tables and the hash are 32-bit integers throughout: this loop runs once per byte.
  for (; at < average; at += 1) {
    hash = ((hash << 1) + gear[stream[at]!]!) | 0;
    if ((hash & STRICT_MASK) === 0) return at + 1;
  }
  for (; at < end; at += 1) {
    hash = ((hash << 1) + gear[stream[at]!]!) | 0;
    if ((hash & LOOSE_MASK) === 0) return at + 1;
  }
  return end;
}
