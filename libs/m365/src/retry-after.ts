import type { WireReply } from './transport.ts';

/** A wait of zero is answered by the next refusal (it happens), so it is never taken literally. */
const SHORTEST_MS = 1_000;

/**
 * How long the answer asks to wait, in milliseconds from its arrival, or null. `Retry-After` is a number of seconds or an
 * HTTP date; a date is read against the answer's own `Date`, so that a clock that differs from Microsoft's does no harm.
 */
export function retryAfterMs(headers: WireReply['headers'], now: Date): number | null {
  const value = headers['retry-after'];
  if (typeof value !== 'string' || value.trim() === '') return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(SHORTEST_MS, Math.ceil(seconds * 1000));
  const until = Date.parse(value);
  if (Number.isNaN(until)) return null;
  const answeredAt = typeof headers['date'] === 'string' ? Date.parse(headers['date']) : Number.NaN;
  return Math.max(SHORTEST_MS, until - (Number.isNaN(answeredAt) ? now.getTime() : answeredAt));
}
