/** Many may hold it together, or one alone; who wants it alone waits for the others and holds back newcomers. */
export class SharedLock {
  #holders = 0;
  #alone: Promise<void> | null = null;
  #onEmpty: (() => void) | null = null;

  /** Runs `work` together with others of its kind. */
  async together<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone !== null) await this.#alone;
    this.#holders += 1;
    try {
      return await work();
    } finally {
      this.#holders -= 1;
      if (this.#holders === 0) this.#onEmpty?.();
    }
  }

  /** Runs `work` while nobody else holds the lock. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone !== null) await this.#alone;
    let release: () => void = () => undefined;
    this.#alone = new Promise((resolve) => (release = resolve));
    try {
      if (this.#holders > 0) await new Promise<void>((resolve) => (this.#onEmpty = resolve));
      return await work();
    } finally {
      this.#onEmpty = null;
      this.#alone = null;
      release();
    }
  }
}
