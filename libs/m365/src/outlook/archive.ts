import { isFailure } from '@backhaul/domain';
import type { Mailbox } from '../mail/mailbox.ts';

/**
 * Whether the mailbox has an in-place archive. Graph tells it of v1.0 without promising it, and not to every application:
 * whatever it answers instead means that nothing is known (null).
 */
export async function hasArchive(mailbox: Mailbox, signal: AbortSignal): Promise<boolean | null> {
  try {
    const { inPlaceArchiveMailboxId: id } = await mailbox.json<{ inPlaceArchiveMailboxId?: string | null }>({
      path: '/settings/exchange',
      signal,
    });
    return id === undefined ? null : id !== null && id !== '';
  } catch (error) {
    if (isFailure(error, ...NOTHING_TOLD)) return null;
    throw error;
  }
}

/** What else would be wrong with the mailbox shows in the next request. */
const NOTHING_TOLD = [
  'not-found',
  'forbidden',
  'permission-missing',
  'unauthenticated',
  'invalid-input',
  'unavailable',
  'timed-out',
] as const;
