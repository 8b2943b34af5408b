import { createHash } from 'node:crypto';
import {
  canonicalAddresses,
  canonicalName,
  canonicalText,
  canonicalTime,
  sortedByJson,
  withoutNul,
  type CanonicalAddress,
  type CanonicalBody,
} from './canonical-texts.ts';
import type { SourceAttachment } from './mail-source.ts';
import { contentOf } from './mime/message-content.ts';
import { readMimePart } from './mime/mime-part.ts';

export type CanonicalAttachment =
  | { kind: 'file'; name: string; contentType: string; contentId: string; isInline: boolean; sha256: string }
  | { kind: 'item'; name: string; item: CanonicalItem }
  | { kind: 'reference'; name: string };

/** A message inside a message: what exists inside MIME. */
export interface CanonicalItem {
  internetMessageId: string;
  subject: string;
  from: CanonicalAddress | null;
  to: CanonicalAddress[];
  cc: CanonicalAddress[];
  replyTo: CanonicalAddress[];
  sentAt: string | null;
  body: CanonicalBody;
  attachments: CanonicalAttachment[];
}

/** Messages may be nested in each other as deep as this; what is deeper is compared by its bytes. */
const MAX_NESTED_MESSAGES = 20;

/** What is attached to a message or an event, in the order of the canonical form. */
export async function canonicalAttachments(
  attachments: readonly SourceAttachment[],
  depth = 0,
): Promise<CanonicalAttachment[]> {
  return sortedByJson(await Promise.all(attachments.map((attachment) => canonicalAttachment(attachment, depth))));
}

async function canonicalAttachment(attachment: SourceAttachment, depth: number): Promise<CanonicalAttachment> {
  const name = canonicalName(attachment.name);
  if (attachment.kind === 'reference') return { kind: 'reference', name };
  if (attachment.kind === 'item' && depth < MAX_NESTED_MESSAGES) {
    const item = await canonicalItem(attachment.content, depth + 1);
    return { kind: 'item', name: name === '' ? item.subject : name, item };
  }
  return {
    kind: 'file',
    name,
    contentType: mediaType(attachment.contentType),
    contentId: withoutNul(attachment.contentId).replace(/^<|>$/g, ''),
    isInline: attachment.isInline,
    sha256: createHash('sha256').update(attachment.content).digest('hex'),
  };
}

async function canonicalItem(mime: Uint8Array, depth: number): Promise<CanonicalItem> {
  const message = await readMimePart(mime);
  const { headers } = message;
  const { body, attachments } = contentOf(message);
  return {
    internetMessageId: withoutNul(headers.text('message-id')),
    subject: canonicalName(headers.text('subject')),
    from: canonicalAddresses(headers.addresses('from'))[0] ?? null,
    to: canonicalAddresses(headers.addresses('to')),
    cc: canonicalAddresses(headers.addresses('cc')),
    replyTo: canonicalAddresses(headers.addresses('reply-to')),
    sentAt: canonicalTime(headers.date()?.toISOString()),
    body: { type: body.contentType, text: canonicalText(body.content) },
    attachments: await canonicalAttachments(attachments, depth),
  };
}

function mediaType(contentType: string): string {
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  return type === '' ? 'application/octet-stream' : type;
}
