import type { Clock } from '@backhaul/domain';

/** A queue whose taker waits for what is not there yet. */
export interface WaitingQueue<T> {
  push(item: T): void;
  /** The oldest item, or null when none came within `waitMs`. Rejects with the signal's reason. */
  take(waitMs: number, signal: AbortSignal): Promise<T | null>;
  readonly length: number;
  clear(): void;
}

/** An empty queue. */
export function waitingQueue<T>(clock: Clock): WaitingQueue<T> {
  const items: T[] = [];
  const waiting = new Set<() => void>();

  const arrival = async (waitMs: number, signal: AbortSignal) => {
    const arrived = new AbortController();
    const wake = () => arrived.abort();
    waiting.add(wake);
    await clock.sleep(waitMs, AbortSignal.any([signal, arrived.signal])).catch(() => undefined);
    waiting.delete(wake);
  };

  return {
    push(item) {
      items.push(item);
      for (const wake of waiting) wake();
    },
    async take(waitMs, signal) {
      const untilMs = clock.monotonicMs() + waitMs;
      for (;;) {
        signal.throwIfAborted();
        const item = items.shift();
        if (item !== undefined) return item;
        const leftMs = untilMs - clock.monotonicMs();
        if (leftMs <= 0) return null;
        await arrival(leftMs, signal);
      }
    },
    get length() {
      return items.length;
    },
    clear() {
      items.length = 0;
    },
  };
}
