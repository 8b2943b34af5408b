/**
 * Turns single calls into batches without waiting: while one batch is at work, what comes in gathers for the next one.
 * Each caller gets the answer for its own input; when a batch fails, all of its callers do.
 */
export class Batcher<Input, Output> {
  readonly #work: (inputs: Input[]) => Promise<Output[]>;
  readonly #maxSize: number;
  #waiting: { input: Input; resolve: (output: Output) => void; reject: (error: unknown) => void }[] = [];
  #busy = false;

  /** `work` answers in the order of its inputs, of which there are at most `maxSize`. */
  constructor(work: (inputs: Input[]) => Promise<Output[]>, maxSize: number) {
    this.#work = work;
    this.#maxSize = maxSize;
  }

  /** The answer for `input`. */
  add(input: Input): Promise<Output> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ input, resolve, reject });
      if (!this.#busy) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#maxSize);
      try {
        const outputs = await this.#work(batch.map(({ input }) => input));
        batch.forEach(({ resolve }, index) => resolve(outputs[index] as Output));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#busy = false;
  }
}
