import { isFailure } from '@backhaul/domain';
import { segment, type Mailbox } from '../mail/mailbox.ts';

/** The photo's bytes, or null without one. @throws Failure `not-found` when there is no such contact */
export async function contactPhoto(
  mailbox: Mailbox,
  contactId: string,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const path = `/contacts/${segment(contactId)}`;
  try {
    return await mailbox.bytes({ path: `${path}/photo/$value`, signal });
  } catch (error) {
    if (!isFailure(error, 'not-found')) throw error;
    // A contact without a photo and no contact at all are told apart by the contact alone.
    await mailbox.json({ path: `${path}?$select=id`, signal });
    return null;
  }
}
