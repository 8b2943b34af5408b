/** Time as a dependency: decisions take a clock, so that tests move time instead of waiting for it. */
export interface Clock {
  /** Wall-clock time; may jump. Use it for what people read, never for leases. */
  now(): Date;
  /** Milliseconds on a clock that never goes back and has no fixed zero. Counts the time a host was suspended. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The host's clock. `monotonicMs` is the larger of the process's clock and the system's uptime (see `uptime`). */
export function systemClock(uptimeSeconds: () => number = () => 0): Clock {
  const startedAt = performance.now();
  const uptimeAtStart = uptimeSeconds();
  return {
    now: () => new Date(),
    monotonicMs: () => Math.max(performance.now() - startedAt, (uptimeSeconds() - uptimeAtStart) * 1000),
    sleep,
  };
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
