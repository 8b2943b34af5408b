/** Bit positions come round after so many: bits of the accumulator. */
const WIDTH = 160;
/** Each byte is xor-ed in so many bits after the one before. */
const SHIFT = 11;
/** Bytes that lie so far apart go to the same bit position, so the input can be folded to so many bytes. */
const ROUND = 160;
const WORDS = ROUND / 4;
const DIGEST = 20;

/**
 * The hash of files in OneDrive for Business: byte `i` is xor-ed in at bit `11·i mod 160`, wrapping round; at the end the
 * length is xor-ed into the last eight bytes. Fed piece by piece.
 *
 * All bytes that go to the same position are folded together first, four at a time, so the bit work is done once.
 */
export class QuickXorHash {
  readonly #folded = new Uint32Array(WORDS);
  readonly #bytes = new Uint8Array(this.#folded.buffer);
  #length = 0;

  update(piece: Uint8Array): this {
    let at = 0;
    // Up to the next start of a round, and at the end, byte by byte.
    while (at < piece.length && (this.#length + at) % ROUND !== 0) this.#fold(piece[at]!, this.#length + at++);
    const rounds = Math.floor((piece.length - at) / ROUND);
    this.#foldRounds(piece, at, rounds);
    for (at += rounds * ROUND; at < piece.length; at++) this.#fold(piece[at]!, this.#length + at);
    this.#length += piece.length;
    return this;
  }

  /** Base64 of 20 bytes; more may be fed afterwards. */
  digest(): string {
    const digest = Buffer.alloc(DIGEST);
    for (let at = 0; at < ROUND; at++) {
      const bit = (at * SHIFT) % WIDTH;
      const shifted = this.#bytes[at]! << (bit % 8);
      const first = bit >> 3;
      digest[first]! ^= shifted & 0xff;
      digest[(first + 1) % DIGEST]! ^= shifted >> 8;
    }
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(this.#length));
    for (let at = 0; at < 8; at++) digest[DIGEST - 8 + at]! ^= length[at]!;
    return digest.toString('base64');
  }

  #fold(byte: number, position: number): void {
    this.#bytes[position % ROUND]! ^= byte;
  }

  #foldRounds(piece: Uint8Array, from: number, rounds: number): void {
    const folded = this.#folded;
    const words = wordsOf(piece, from, rounds * WORDS);
    for (let round = 0; round < rounds; round++) {
      const first = round * WORDS;
      for (let word = 0; word < WORDS; word++) folded[word]! ^= words[first + word]!;
    }
  }
}

/** The same memory as words; copied where it does not begin at a word. */
function wordsOf(piece: Uint8Array, from: number, count: number): Uint32Array {
  const start = piece.byteOffset + from;
  if (start % 4 === 0) return new Uint32Array(piece.buffer, start, count);
  // `slice` of a Buffer would be a view, not a copy.
  return new Uint32Array(Uint8Array.prototype.slice.call(piece, from, from + count * 4).buffer, 0, count);
}
