import type { Clock } from '@backhaul/domain';

/** Wakes one waiting loop. A ring while nobody waits is remembered. */
export class Bell {
  #hasRung = false;
  #wake: (() => void) | null = null;

  ring(): void {
    this.#hasRung = true;
    this.#wake?.();
  }

  /** Resolves when the bell rings, after `ms` at the latest, or when `signal` is aborted. */
  async wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#hasRung) {
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      await clock.sleep(ms, AbortSignal.any([signal, woken.signal])).catch(() => undefined);
      this.#wake = null;
    }
    this.#hasRung = false;
  }
}
