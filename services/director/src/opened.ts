import type { Clock } from '@backhaul/domain';
import type { CoreLogger } from './core/director-core.ts';

/** All of it may take so long; a process that was told to stop is often killed after 30 s. */
const ALL_WITHIN_MS = 20_000;
/** One part may take so long, so that those after it get their turn. */
const ONE_WITHIN_MS = 8_000;

/** What a process has open, closed in the opposite order. */
export class Opened {
  readonly #clock: Clock;
  readonly #logger: CoreLogger;
  readonly #parts: { name: string; close: () => Promise<unknown> }[] = [];
  #closing: Promise<void> | null = null;

  constructor(clock: Clock, logger: CoreLogger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  add(name: string, close: () => Promise<unknown>): void {
    this.#parts.push({ name, close });
  }

  /**
   * Closes everything, the newest first. A part that cannot be closed, or not in time because what it speaks with is away,
   * is named in the log and left behind. Takes 20 s at most, never throws; a second call waits for the first.
   */
  closeAll(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const untilMs = this.#clock.monotonicMs() + ALL_WITHIN_MS;
    for (const { name, close } of this.#parts.splice(0).reverse()) {
      const withinMs = Math.min(ONE_WITHIN_MS, untilMs - this.#clock.monotonicMs());
      const problem = await this.#closeOne(close, withinMs);
      if (problem !== null) this.#logger.warn({ part: name, problem }, 'left behind at the end of the process');
    }
  }

  /** What went wrong, or null. */
  async #closeOne(close: () => Promise<unknown>, withinMs: number): Promise<string | null> {
    const timer = new AbortController();
    const closed = close().then(
      () => null,
      (error: unknown) => String(error),
    );
    const tooLate = this.#clock.sleep(withinMs, timer.signal).then(
      () => 'it did not end in time',
      () => null,
    );
    const problem = await Promise.race([closed, tooLate]);
    timer.abort();
    return problem;
  }
}
