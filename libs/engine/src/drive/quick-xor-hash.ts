/** Bits of the accumulator, and so the number of bytes after which positions come round again. */
const WIDTH = 160;
const DIGEST_BYTES = WIDTH / 8;
/** Each byte is xor-ed in so many bits after the one before. */
const SHIFT = 11;
/** Bytes that lie so far apart meet at the same bit, so they can be xor-ed together first: as words, many at once. */
const ROUND_WORDS = WIDTH / 4;

/**
 * Microsoft's hash of files in OneDrive for Business and SharePoint: a 160-bit accumulator into which byte `i` is xor-ed at
 * bit `11·i mod 160`, wrapping round; at the end the length (64 bit, little-endian) is xor-ed into its last eight bytes. It
 * proves nothing about an attacker; it finds what was changed or damaged on the way.
 */
export class QuickXorHash {
  /** All bytes that meet at the same bit, xor-ed: one byte for each of the 160 positions. */
  readonly #met = new Uint32Array(ROUND_WORDS);
  readonly #metBytes = new Uint8Array(this.#met.buffer);
  #length = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** Takes in the next piece. */
  update(piece: Uint8Array): this {
    const head = Math.min(piece.length, (WIDTH - (this.#length % WIDTH)) % WIDTH);
    const rounds = Math.floor((piece.length - head) / WIDTH);
    this.#takeBytes(piece, 0, head);
    this.#takeRounds(piece, head, rounds);
    this.#takeBytes(piece, head + rounds * WIDTH, piece.length);
    return this;
  }

  /** Base64 of the hash of everything so far. */
  digest(): string {
    const digest = Buffer.alloc(DIGEST_BYTES);
    this.#metBytes.forEach((byte, position) => {
      const bit = (position * SHIFT) % WIDTH;
      const [at, shifted] = [bit >> 3, byte << (bit & 7)];
      xorInto(digest, at, shifted & 0xff);
      xorInto(digest, (at + 1) % DIGEST_BYTES, shifted >> 8);
    });
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(this.#length));
    length.forEach((byte, index) => xorInto(digest, DIGEST_BYTES - 8 + index, byte));
    return digest.toString('base64');
  }

  #takeBytes(piece: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at += 1) {
      xorInto(this.#metBytes, this.#length % WIDTH, piece[at] ?? 0);
      this.#length += 1;
    }
  }

  #takeRounds(piece: Uint8Array, from: number, rounds: number): void {
    const met = this.#met;
    const words = wordsOf(piece, from, rounds * ROUND_WORDS);
    for (let start = 0; start < words.length; start += ROUND_WORDS) {
      for (let word = 0; word < ROUND_WORDS; word += 1) met[word]! ^= words[start + word]!;
    }
    this.#length += rounds * WIDTH;
  }
}

function xorInto(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ value;
}

/** The same memory as words where it begins at one, else a copy. */
function wordsOf(piece: Uint8Array, from: number, count: number): Uint32Array {
  const start = piece.byteOffset + from;
  if (start % 4 === 0) return new Uint32Array(piece.buffer, start, count);
  // `slice` of a Buffer would be no copy.
  return new Uint32Array(Uint8Array.prototype.slice.call(piece, from, from + count * 4).buffer, 0, count);
}
