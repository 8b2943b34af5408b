import { isFailure } from '@backhaul/domain';
import type { Mailbox } from '../mail/mailbox.ts';

/**
 * Makes a folder or calendar. Names are unique in their place without regard to case, so a repeated creation finds the first
 * one; `there` lists what is in the place.
 */
export async function ensureFolder<F extends { displayName?: string | null }>(
  mailbox: Mailbox,
  request: { path: string; body: Record<string, unknown>; signal: AbortSignal },
  name: string,
  there: () => Promise<F[]>,
): Promise<F> {
  try {
    return await mailbox.json<F>({ ...request, method: 'POST', repeatable: true });
  } catch (error) {
    if (!isFailure(error, 'conflict')) throw error;
    const wanted = name.toLowerCase();
    const found = (await there()).find((folder) => folder.displayName?.toLowerCase() === wanted);
    if (found === undefined) throw error;
    return found;
  }
}
