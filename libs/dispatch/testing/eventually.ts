import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until `probe` gives a value, for what happens in other tasks or on a server. Fails with what was waited for.
 * @param withinMs of real time; default 10 s.
 */
export async function eventually<T>(
  what: string,
  probe: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  withinMs = 10_000,
): Promise<T> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const found = await probe();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > untilMs) throw new Error(`It did not happen within ${withinMs} ms: ${what}.`);
    await delay(10);
  }
}
