import { createHash } from 'node:crypto';
import { canonicalAttachments, type CanonicalAttachment } from './canonical-attachments.ts';
import {
  canonicalCategories,
  canonicalName,
  canonicalRecipients,
  canonicalText,
  canonicalTime,
  withoutNul,
  type CanonicalAddress,
  type CanonicalBody,
} from './canonical-texts.ts';
import type { MessageParts, MessageProperties } from './mail-source.ts';
import { readMessageContent } from './mime/message-content.ts';

/** A message in the form in which two copies are compared; `docs/canonical-form.md` is the specification. */
export interface CanonicalMessage {
  folderPath: string[];
  internetMessageId: string;
  subject: string;
  from: CanonicalAddress | null;
  to: CanonicalAddress[];
  cc: CanonicalAddress[];
  bcc: CanonicalAddress[];
  replyTo: CanonicalAddress[];
  sentAt: string | null;
  receivedAt: string | null;
  isRead: boolean;
  importance: string;
  flag: string;
  categories: string[];
  body: CanonicalBody;
  attachments: CanonicalAttachment[];
}

/**
 * The canonical form of a message from Microsoft's JSON and either its MIME or, where that cannot be had, its parts.
 * `folderPath` is given from the top folder down. Broken MIME gives what can be read of it, never an error.
 */
export async function canonicalMessage(
  properties: MessageProperties,
  content: Uint8Array | MessageParts,
  folderPath: string[],
): Promise<CanonicalMessage> {
  const { body, attachments } = content instanceof Uint8Array ? await readMessageContent(content) : content;
  return {
    folderPath: [...folderPath],
    internetMessageId: withoutNul(properties.internetMessageId ?? ''),
    subject: canonicalName(properties.subject ?? ''),
    from: canonicalRecipients([properties.from ?? null])[0] ?? null,
    to: canonicalRecipients(properties.toRecipients),
    cc: canonicalRecipients(properties.ccRecipients),
    bcc: canonicalRecipients(properties.bccRecipients),
    replyTo: canonicalRecipients(properties.replyTo),
    sentAt: canonicalTime(properties.sentDateTime),
    receivedAt: canonicalTime(properties.receivedDateTime),
    isRead: properties.isRead ?? false,
    importance: properties.importance ?? 'normal',
    flag: properties.flag?.flagStatus ?? 'notFlagged',
    categories: canonicalCategories(properties.categories),
    body: { type: body.contentType, text: canonicalText(body.content) },
    attachments: await canonicalAttachments(attachments),
  };
}

/** SHA-256, lower-case hex, of a canonical form's JSON; equal exactly when the forms are. */
export function canonicalHash(form: object): string {
  return createHash('sha256').update(JSON.stringify(form)).digest('hex');
}

/** Names of the members in which two canonical forms of the same kind differ, in the order of the form. */
export function canonicalDifferences<T extends object>(one: T, other: T): (keyof T)[] {
  const members = Object.keys(one) as (keyof T)[];
  return members.filter((member) => JSON.stringify(one[member]) !== JSON.stringify(other[member]));
}
