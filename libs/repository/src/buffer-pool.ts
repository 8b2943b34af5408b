import { ownBytes, release, type OwnBytes } from './own-bytes.ts';

/**
 * Memory of one length that is used again and again. Buffers that come and go leave holes between those that stay, and the
 * process keeps both; these stay, and are as many as were needed at once.
 */
export class BufferPool {
  /** Bytes of a buffer. */
  readonly length: number;
  readonly #maxSpare: number;
  readonly #spare: OwnBytes[] = [];

  /** `maxSpare` buffers are kept for the next who needs one. */
  constructor(length: number, maxSpare: number) {
    this.length = length;
    this.#maxSpare = maxSpare;
  }

  /** A buffer of the pool's length, or one of at least `length` bytes when that is more. Not zeroed. */
  take(length = 0): OwnBytes {
    return length > this.length ? ownBytes(length) : (this.#spare.pop() ?? ownBytes(this.length));
  }

  /** Nothing may use the buffer afterwards. */
  giveBack(buffer: OwnBytes): void {
    if (buffer.length === this.length && this.#spare.length < this.#maxSpare) this.#spare.push(buffer);
    else release(buffer);
  }
}
