import type { WireReply } from './transport.ts';

/**
 * The scope of all requests for drives and sites: Microsoft limits them for the application in the whole tenant, and when it
 * asks for a pause, everything of the kind has to pause.
 */
export const DRIVE_SCOPE = 'drives';

/** Requests for drives at once, of all drives that share a gate. */
export const DRIVE_REQUESTS_AT_ONCE = 8;

/** Resource units that an ordinary request costs: an item or a download 1, a list or a write 2. */
const USUAL_COST = 2;

/**
 * How long to pause after an answer so that what is left of the tenant's budget lasts until it is filled up again, in
 * milliseconds; 0 where nothing is said. SharePoint sends these headers once four fifths of a minute's budget are used.
 */
export function budgetPauseMs(headers: WireReply['headers'], requestsAtOnce: number): number {
  const [remaining, resetSeconds] = [numberOf(headers['ratelimit-remaining']), numberOf(headers['ratelimit-reset'])];
  if (remaining === null || resetSeconds === null) return 0;
  const resetMs = resetSeconds * 1000;
  const waves = remaining / (USUAL_COST * requestsAtOnce);
  return Math.floor(resetMs / Math.max(1, waves));
}

function numberOf(header: string | string[] | undefined): number | null {
  const value = typeof header === 'string' && header.trim() !== '' ? Number(header) : Number.NaN;
  return Number.isFinite(value) && value >= 0 ? value : null;
}
