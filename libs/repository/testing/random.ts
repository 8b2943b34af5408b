import { createCipheriv, createHash } from 'node:crypto';

/** Repeatable randomness for tests: the same seed gives the same values. */
export class SeededRandom {
  readonly #stream: ReturnType<typeof createCipheriv>;
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(seed: number | string) {
    const key = createHash('sha256').update(String(seed)).digest();
    this.#stream = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  }

  /** Incompressible bytes. */
  bytes(length: number): Buffer {
    return this.#stream.update(Buffer.alloc(length));
  }

  /** A whole number in 0 … limit - 1. */
  below(limit: number): number {
    if (this.#at + 6 > this.#buffer.length) {
      this.#buffer = this.bytes(6 * 1024);
      this.#at = 0;
    }
    const value = this.#buffer.readUIntLE(this.#at, 6);
    this.#at += 6;
    return Math.floor((value / 2 ** 48) * limit);
  }

  /** True in `percent` of a hundred cases. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

/** The seed of this run: `TEST_SEED` or a new one; it is printed, so that a failure can be repeated. */
export function testSeed(): number {
  const seed = Number(
    process.env['TEST_SEED'] ?? Math.floor(performance.timeOrigin + performance.now()) % 1_000_000_000,
  );
  process.stdout.write(`TEST_SEED=${seed}\n`);
  return seed;
}
