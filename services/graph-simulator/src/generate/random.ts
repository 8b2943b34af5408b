/** A seeded stream of random decisions: the same seeds give the same stream on every machine. */
export interface Random {
  /** A number from 0 (included) to 1 (excluded). */
  next(): number;
  /** A whole number from 0 to `bound - 1`. */
  below(bound: number): number;
  /** True with this chance. */
  chance(probability: number): boolean;
  /** One of the choices. */
  pick<T>(choices: readonly T[]): T;
  /** A number of the normal distribution with mean 0 and deviation 1. */
  normal(): number;
  /** A whole number of 32 bits. */
  bits(): number;
}

/** An sfc32 generator; up to three whole numbers name the stream. */
export function seededRandom(a: number, b = 0, c = 0): Random {
  let s0 = a | 0;
  let s1 = b | 0;
  let s2 = c | 0;
  let s3 = 1;
  const bits = (): number => {
    const t = (((s0 + s1) | 0) + s3) | 0;
    s3 = (s3 + 1) | 0;
    s0 = s1 ^ (s1 >>> 9);
    s1 = (s2 + (s2 << 3)) | 0;
    s2 = (s2 << 21) | (s2 >>> 11);
    s2 = (s2 + t) | 0;
    return t >>> 0;
  };
  for (let round = 0; round < 12; round++) bits();
  const next = (): number => bits() / 4294967296;
  return {
    next,
    bits,
    below: (bound) => Math.floor(next() * bound),
    chance: (probability) => next() < probability,
    pick<T>(choices: readonly T[]): T {
      if (choices.length === 0) throw new Error('nothing to pick from');
      return choices[Math.floor(next() * choices.length)] as T;
    },
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}
