import { createHash } from 'node:crypto';
import type { MessageParts, MessageProperties, Recipient, SourceAttachment } from './mail-source.ts';
import { withoutTrailing } from './mime/body-encoding.ts';
import { contentOf, readMessageContent } from './mime/message-content.ts';
import { readMimePart } from './mime/mime-part.ts';

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
  body: { type: 'text' | 'html'; text: string };
  attachments: CanonicalAttachment[];
}

export interface CanonicalAddress {
  name: string;
  address: string;
}

export type CanonicalAttachment =
  | { kind: 'file'; name: string; contentType: string; contentId: string; isInline: boolean; sha256: string }
  | { kind: 'item'; name: string; item: CanonicalItem }
  | { kind: 'reference'; name: string };

/** A message inside a message: what exists inside MIME. */
export type CanonicalItem = Omit<
  CanonicalMessage,
  'folderPath' | 'isRead' | 'flag' | 'categories' | 'importance' | 'receivedAt' | 'bcc'
>;

/** Messages may be nested in each other as deep as this; what is deeper is compared by its bytes. */
const MAX_NESTED_MESSAGES = 20;

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
    from: recipients([properties.from ?? null])[0] ?? null,
    to: recipients(properties.toRecipients),
    cc: recipients(properties.ccRecipients),
    bcc: recipients(properties.bccRecipients),
    replyTo: recipients(properties.replyTo),
    sentAt: canonicalTime(properties.sentDateTime),
    receivedAt: canonicalTime(properties.receivedDateTime),
    isRead: properties.isRead ?? false,
    importance: properties.importance ?? 'normal',
    flag: properties.flag?.flagStatus ?? 'notFlagged',
    categories: (properties.categories ?? []).map(withoutNul).sort(),
    body: canonicalBody(body),
    attachments: await canonicalAttachments(attachments, 0),
  };
}

/** SHA-256, lower-case hex, of the form's JSON; equal exactly when the forms are. */
export function canonicalHash(message: CanonicalMessage): string {
  return createHash('sha256').update(JSON.stringify(message)).digest('hex');
}

/** Names of the members in which two forms differ, in the order of the form. */
export function canonicalDifferences(one: CanonicalMessage, other: CanonicalMessage): (keyof CanonicalMessage)[] {
  const members = Object.keys(one) as (keyof CanonicalMessage)[];
  return members.filter((member) => JSON.stringify(one[member]) !== JSON.stringify(other[member]));
}

/** Subjects and names: NFC, runs of white space as one space, trimmed. */
export function canonicalName(text: string): string {
  return withoutNul(text)
    .normalize('NFC')
    .replace(/[ \t\r\n]+/g, ' ')
    .replace(/^ | $/g, '');
}

/** `YYYY-MM-DDTHH:MM:SSZ`, fractions cut off; null for what is no time. */
export function canonicalTime(time: string | null | undefined): string | null {
  const parsed = Date.parse(time ?? '');
  return Number.isNaN(parsed) ? null : `${new Date(parsed).toISOString().slice(0, -5)}Z`;
}

function canonicalBody(body: MessageParts['body']): CanonicalMessage['body'] {
  const lines = withoutNul(body.content)
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => withoutTrailing(line, ' \t'));
  return { type: body.contentType, text: withoutTrailing(lines.join('\n'), ' \t\n') };
}

async function canonicalAttachments(attachments: SourceAttachment[], depth: number): Promise<CanonicalAttachment[]> {
  const forms = await Promise.all(attachments.map((attachment) => canonicalAttachment(attachment, depth)));
  return forms
    .map((form) => ({ form, json: JSON.stringify(form) }))
    .sort((a, b) => (a.json < b.json ? -1 : a.json > b.json ? 1 : 0))
    .map(({ form }) => form);
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
    from: addresses(headers.addresses('from'))[0] ?? null,
    to: addresses(headers.addresses('to')),
    cc: addresses(headers.addresses('cc')),
    replyTo: addresses(headers.addresses('reply-to')),
    sentAt: canonicalTime(headers.date()?.toISOString()),
    body: canonicalBody(body),
    attachments: await canonicalAttachments(attachments, depth),
  };
}

function recipients(list: (Recipient | null)[] | null | undefined): CanonicalAddress[] {
  return addresses(
    (list ?? []).map((recipient) => ({
      name: recipient?.emailAddress?.name ?? '',
      address: recipient?.emailAddress?.address ?? '',
    })),
  );
}

/** Entries with neither name nor address say nothing and are left out. */
function addresses(list: CanonicalAddress[]): CanonicalAddress[] {
  return list.map(canonicalAddress).filter(({ name, address }) => name !== '' || address !== '');
}

function canonicalAddress(of: CanonicalAddress): CanonicalAddress {
  const address = withoutNul(of.address).toLowerCase();
  const name = canonicalName(of.name);
  return { name: name.toLowerCase() === address ? '' : name, address };
}

function mediaType(contentType: string): string {
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  return type === '' ? 'application/octet-stream' : type;
}

function withoutNul(text: string): string {
  return text.replaceAll('\0', '');
}
