import type { Clock } from '@backhaul/domain';
import type { CoreLogger } from '../core/director-core.ts';

const AFTER_FAILURE_MS = 1_000;

/** The endless parts of a term: each goes on until the term ends, whatever fails in between. */
export class Loops {
  readonly #clock: Clock;
  readonly #logger: CoreLogger;
  readonly #end = new AbortController();
  readonly #running: Promise<void>[] = [];

  constructor(clock: Clock, logger: CoreLogger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Aborted when the loops are to end. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Runs `work`, which takes {@link signal} itself, and runs it again when it ends or fails early. */
  keep(name: string, work: () => Promise<void>): void {
    this.#start(async () => {
      await this.guard(name, work);
      await this.#pause(AFTER_FAILURE_MS);
    });
  }

  /** Runs `work` again and again with a pause of `ms` before each. */
  every(ms: number, name: string, work: () => Promise<void>): void {
    this.#start(async () => {
      await this.#pause(ms);
      if (!this.signal.aborted) await this.guard(name, work);
    });
  }

  /** Runs `work` once; what it throws is logged. */
  async guard(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.signal.aborted) this.#logger.warn({ error: String(error) }, `${name} failed; trying again`);
    }
  }

  /** Ends all of them and waits until they have ended. */
  async end(): Promise<void> {
    this.#end.abort();
    await Promise.allSettled(this.#running);
  }

  #start(turn: () => Promise<void>): void {
    const run = async () => {
      while (!this.signal.aborted) await turn();
    };
    this.#running.push(run());
  }

  async #pause(ms: number): Promise<void> {
    await this.#clock.sleep(ms, this.signal).catch(() => undefined);
  }
}
