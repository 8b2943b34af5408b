import type { Clock } from '../src/clock.ts';

/** A clock that stands still until a test moves it. Sleepers wake in order of their due time. */
export class FakeClock implements Clock {
  #nowMs: number;
  #monotonicMs = 0;
  readonly #sleepers = new Set<{ dueMs: number; wake: () => void }>();

  constructor(start = '2026-01-01T00:00:00Z') {
    this.#nowMs = Date.parse(start);
  }

  now(): Date {
    return new Date(this.#nowMs);
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const sleeper = {
        dueMs: this.#monotonicMs + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      const onAbort = () => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#sleepers.add(sleeper);
    });
  }

  /** How many are asleep; a test awaits this before it advances. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** Moves both clocks forward and wakes whoever is due, one after the other. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#monotonicMs + ms;
    for (;;) {
      const next = [...this.#sleepers].sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined || next.dueMs > untilMs) break;
      this.#nowMs += Math.max(0, next.dueMs - this.#monotonicMs);
      this.#monotonicMs = Math.max(this.#monotonicMs, next.dueMs);
      next.wake();
      await settle();
    }
    this.#nowMs += untilMs - this.#monotonicMs;
    this.#monotonicMs = untilMs;
    await settle();
  }

  /** Steps the wall clock alone, as an administrator or a time server would; may be negative. */
  stepWallClock(ms: number): void {
    this.#nowMs += ms;
  }
}

/** Lets promises that are already resolved run their continuations. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
}
