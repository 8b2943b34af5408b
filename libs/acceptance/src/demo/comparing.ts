import { sumComparisons, type Comparison } from '../compare/difference.ts';

/** Compares, says what was found, and remembers it all. */
export class Comparing {
  readonly #say: (text: string) => void;
  readonly #found: Comparison[] = [];
  #seconds = 0;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  /** Everything compared so far. */
  get all(): Comparison {
    return sumComparisons(this.#found);
  }

  /** What it has taken so far. */
  get seconds(): number {
    return this.#seconds;
  }

  async compare(what: string, work: () => Promise<Comparison>): Promise<void> {
    const startedAt = performance.now();
    const comparison = await work();
    this.#seconds += (performance.now() - startedAt) / 1000;
    this.#found.push(comparison);
    const found = comparison.differences.length;
    this.#say(
      `  compared ${what}: ${comparison.items} items, ${found === 0 ? 'no difference' : `${found} DIFFERENCES`}`,
    );
  }
}
