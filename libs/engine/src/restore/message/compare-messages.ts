import { canonicalDifferences, canonicalMessage, type CanonicalMessage } from '../../canonical-form.ts';
import type { MessageParts, MessageProperties } from '../../mail-source.ts';
import type { StoredMessage } from '../../stored-message.ts';
import { withoutLinks } from '../without-links.ts';
import { isReplyAddress } from './restorable-message.ts';

const NO_CONTENT: MessageParts = { body: { contentType: 'text', content: '' }, attachments: [] };

/** What a message of the point looks like in the target: unharmed, and without what Microsoft cannot be given back. */
export interface ExpectedForms {
  whole: CanonicalMessage;
  restored: CanonicalMessage;
}

/** The canonical forms a stored message may have in the folder with this path. */
export async function expectedForms(stored: StoredMessage, path: string[]): Promise<ExpectedForms> {
  const whole = await canonicalMessage(stored.properties, stored.content, path);
  const replyTo = whole.replyTo.filter(({ address }) => isReplyAddress(address));
  return { whole, restored: { ...whole, replyTo, attachments: withoutLinks(whole.attachments) } };
}

/** Members in which the listed properties of a message already differ; its MIME is needed only when there are none. */
export async function listedDifferences(
  expected: CanonicalMessage,
  properties: MessageProperties,
): Promise<(keyof CanonicalMessage)[]> {
  const listed = await canonicalMessage(properties, NO_CONTENT, expected.folderPath);
  return canonicalDifferences({ ...expected, body: listed.body, attachments: [] }, listed);
}

/** Members in which a message in the target differs. */
export async function differences(
  expected: CanonicalMessage,
  properties: MessageProperties,
  mime: Uint8Array,
): Promise<(keyof CanonicalMessage)[]> {
  return canonicalDifferences(expected, await canonicalMessage(properties, mime, expected.folderPath));
}
