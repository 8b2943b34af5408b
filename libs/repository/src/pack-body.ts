import type { BufferPool } from './buffer-pool.ts';
import { release, type OwnBytes } from './own-bytes.ts';

/**
 * The sealed segments of a pack that is being filled, in the order of their numbers, gathered in blocks: thousands of buffers
 * that live as long as the pack, between others that are gone at once, would take twice their size.
 */
export class PackBody {
  readonly #pool: BufferPool;
  readonly #blocks: { bytes: OwnBytes; length: number }[] = [];
  /** Sealed before their turn, by number. */
  readonly #early = new Map<number, OwnBytes>();
  #next = 0;

  /** Blocks are taken from `pool`. */
  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  /** Takes the segment over. Every number from 0 on comes once, in whatever order. */
  add(number: number, sealed: OwnBytes): void {
    this.#early.set(number, sealed);
    for (let next = this.#early.get(this.#next); next !== undefined; next = this.#early.get(this.#next)) {
      this.#early.delete(this.#next);
      this.#next += 1;
      this.#append(next);
    }
  }

  /** What was added without a gap, to be stored piece by piece; valid until {@link free}. */
  pieces(): Uint8Array[] {
    return this.#blocks.map(({ bytes, length }) => bytes.subarray(0, length));
  }

  /** Gives all memory back. */
  free(): void {
    for (const { bytes } of this.#blocks.splice(0)) this.#pool.giveBack(bytes);
    for (const sealed of this.#early.values()) release(sealed);
    this.#early.clear();
  }

  #append(sealed: OwnBytes): void {
    let block = this.#blocks.at(-1);
    if (block === undefined || block.length + sealed.length > block.bytes.length) {
      block = { bytes: this.#pool.take(sealed.length), length: 0 };
      this.#blocks.push(block);
    }
    block.bytes.set(sealed, block.length);
    block.length += sealed.length;
    release(sealed);
  }
}
