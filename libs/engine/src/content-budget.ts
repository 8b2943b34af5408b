/** What an item is expected to hold before any has been fetched. */
const FIRST_GUESS = 64 * 1024;

/**
 * How much fetched content the tasks of one process hold at the same time. How large an item is shows only when it has been
 * fetched, so each is expected to be as large as the last ones were: small items are hardly limited, of large ones only a
 * few are on their way at once. An item larger than the whole budget goes alone.
 */
export class ContentBudget {
  readonly #bytes: number;
  readonly #waiting: (() => void)[] = [];
  #expected = FIRST_GUESS;
  #held = 0;

  /** @param bytes what all items on their way may hold together */
  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** Does a piece of work when its expected share is free; it tells how many bytes it has fetched as soon as it knows. */
  async hold<T>(work: (fetched: (bytes: number) => void) => Promise<T>): Promise<T> {
    while (this.#held > 0 && this.#held + this.#expected > this.#bytes) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    let share = this.#expected;
    this.#held += share;
    try {
      return await work((bytes) => {
        this.#held += bytes - share;
        share = bytes;
        this.#learn(bytes);
      });
    } finally {
      this.#held -= share;
      for (const wake of this.#waiting.splice(0)) wake();
    }
  }

  /** Larger items are believed at once, smaller ones by and by: too little at a time costs less than too much. */
  #learn(bytes: number): void {
    const weight = bytes > this.#expected ? 1 / 2 : 1 / 16;
    this.#expected += (bytes - this.#expected) * weight;
  }
}
