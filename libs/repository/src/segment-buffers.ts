import { ownBytes, release, type OwnBytes } from './own-bytes.ts';

/** Small chunks are gathered up to this size. */
export const SEGMENT_BYTES = 256 * 1024;
/** A chunk of this size or more is a segment of its own. */
export const ALONE_FROM = 128 * 1024;

/** Room for a segment that is gathered, whatever small chunk comes last. */
const CAPACITY = SEGMENT_BYTES + ALONE_FROM;
const MAX_SPARE = 16;

/** Memory for the segments being filled, used again and again. */
export class SegmentBuffers {
  readonly #spare: OwnBytes[] = [];

  /** For a segment that gathers small chunks. */
  take(): OwnBytes {
    return this.#spare.pop() ?? ownBytes(CAPACITY);
  }

  /** For a segment of one chunk. */
  takeFor(length: number): OwnBytes {
    return ownBytes(length);
  }

  /** When the content is sealed. */
  giveBack(bytes: OwnBytes): void {
    if (bytes.length === CAPACITY && this.#spare.length < MAX_SPARE) this.#spare.push(bytes);
    else release(bytes);
  }
}
