import { Failure, type Clock } from '@backhaul/domain';
import { cancelled } from '../transport-failure.ts';
import { overlapMeter, type OverlapMeter } from './overlap-meter.ts';

/** Timers may fire a little early and clocks differ in resolution; a pause is kept a little longer than asked. */
const PAUSE_MARGIN_MS = 25;

export interface GateOptions {
  clock: Clock;
  /** Requests at once. Microsoft allows four per application and mailbox. */
  permits: number;
  /** Whoever would have to wait longer in all gives up with `throttled`. */
  maxWaitMs: number;
  /** Told how long requests were held back by pauses; a time during which several waited counts once. Default: nobody is. */
  onHeldBack?: (ms: number) => void;
}

/** One call as its gate sees it. */
export interface Waiting {
  /** Milliseconds it has waited so far, over all its attempts. */
  waitedMs: number;
  /** Where the gate is shared: measures the waiting of those it is shared by, each by itself. */
  heldBack?: OverlapMeter;
}

/**
 * The one door to a scope (a mailbox, or the application): so many requests at once, and none while Microsoft has asked for
 * a pause. Who comes first enters first.
 */
export interface Gate {
  /**
   * Waits for its turn and for the end of a pause. The result gives the permit back; call it exactly once.
   * @throws Failure `throttled` with `retryAfterMs` when the wait would be longer than the task may hold its slot.
   */
  enter(waiting: Waiting, signal: AbortSignal): Promise<() => void>;
  /** @throws Failure `throttled` during a pause: for a last look at the instant of sending. */
  assertOpen(): void;
  /** Nothing enters before this many milliseconds are over. A shorter pause never ends a longer one. */
  pause(ms: number): void;
}

/** See {@link Gate}. */
export function openGate(options: GateOptions): Gate {
  const { clock, maxWaitMs } = options;
  const queue: { admit: () => void; signal: AbortSignal; onAbort: () => void }[] = [];
  let free = options.permits;
  let openAtMs = 0;
  const all = overlapMeter(clock, options.onHeldBack ?? (() => undefined));

  const remainingMs = () => Math.max(0, openAtMs - clock.monotonicMs());

  async function pauseOver(waiting: Waiting, signal: AbortSignal): Promise<void> {
    for (let ms = remainingMs(); ms > 0; ms = remainingMs()) {
      if (waiting.waitedMs + ms > maxWaitMs + PAUSE_MARGIN_MS) throw throttled(ms);
      waiting.waitedMs += ms;
      all.begin();
      waiting.heldBack?.begin();
      try {
        await clock.sleep(ms, signal);
      } catch {
        throw cancelled(signal);
      } finally {
        waiting.heldBack?.end();
        all.end();
      }
    }
  }

  function permit(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(cancelled(signal));
    if (free > 0) {
      free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        queue.splice(queue.indexOf(turn), 1);
        reject(cancelled(signal));
      };
      const turn = { admit: resolve, signal, onAbort };
      queue.push(turn);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  function release(): void {
    const next = queue.shift();
    if (next === undefined) {
      free += 1;
      return;
    }
    next.signal.removeEventListener('abort', next.onAbort);
    next.admit();
  }

  return {
    async enter(waiting, signal) {
      for (;;) {
        await pauseOver(waiting, signal);
        await permit(signal);
        if (remainingMs() === 0) return release;
        release();
      }
    },
    assertOpen() {
      const ms = remainingMs();
      if (ms > 0) throw throttled(ms);
    },
    pause(ms) {
      openAtMs = Math.max(openAtMs, clock.monotonicMs() + ms + PAUSE_MARGIN_MS);
    },
  };
}

function throttled(remainingMs: number): Failure {
  return new Failure('throttled', {
    code: 'graph.throttled',
    message: `Microsoft asks for a pause of another ${Math.ceil(remainingMs / 1000)} s.`,
    retry: 'later',
    retryAfterMs: Math.ceil(remainingMs),
  });
}
