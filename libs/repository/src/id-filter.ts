import type { ChunkId } from './chunk-id.ts';

/**
 * A blocked Bloom filter over chunk ids: 12 bits for each, one cache line per question, about 0.5 % false positives. Ids are
 * uniform, so their own bytes are the hash values: 4 to 7 choose the block, 8 to 15 seven of its 512 bits.
 */
export class IdFilter {
  readonly words: Uint32Array;
  readonly #blocks: number;

  /** An empty filter for `capacity` ids, or one that was kept. */
  constructor(words: Uint32Array) {
    this.words = words;
    this.#blocks = words.length / WORDS_PER_BLOCK;
  }

  static forCapacity(capacity: number): IdFilter {
    return new IdFilter(new Uint32Array(filterWords(capacity)));
  }

  add(id: ChunkId): void {
    const block = this.#block(id);
    for (let bit = 0; bit < BITS_PER_ID; bit += 1) {
      const place = bitOf(id, bit);
      this.words[block + (place >>> 5)]! |= 1 << (place & 31);
    }
  }

  /** False: certainly not there. True: very likely. */
  mayHave(id: ChunkId): boolean {
    const block = this.#block(id);
    for (let bit = 0; bit < BITS_PER_ID; bit += 1) {
      const place = bitOf(id, bit);
      if ((this.words[block + (place >>> 5)]! & (1 << (place & 31))) === 0) return false;
    }
    return true;
  }

  #block(id: ChunkId): number {
    return Math.floor((unsigned(id, 4) / 0x1_0000_0000) * this.#blocks) * WORDS_PER_BLOCK;
  }
}

const WORDS_PER_BLOCK = 16;
const BITS_PER_KEY = 12;
const BITS_PER_ID = 7;

/** Length in 32-bit words of a filter for so many ids. */
export function filterWords(capacity: number): number {
  return Math.max(1, Math.ceil((capacity * BITS_PER_KEY) / 512)) * WORDS_PER_BLOCK;
}

/** Nine bits each, out of the id's last eight bytes. */
function bitOf(id: ChunkId, index: number): number {
  const at = 8 + index;
  return ((id.charCodeAt(at) << 1) | ((id.charCodeAt(15) >>> index) & 1)) & 511;
}

function unsigned(id: ChunkId, at: number): number {
  return (
    id.charCodeAt(at) * 0x100_0000 +
    ((id.charCodeAt(at + 1) << 16) | (id.charCodeAt(at + 2) << 8) | id.charCodeAt(at + 3))
  );
}
