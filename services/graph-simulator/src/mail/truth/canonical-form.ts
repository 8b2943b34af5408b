import { hash } from 'node:crypto';
import type { Content } from '../../tenant/content.ts';
import type { Address, Attachment, MessageContent, MessageState } from '../state/message.ts';
import type {
  CanonicalAddress,
  CanonicalAttachment,
  CanonicalItem,
  CanonicalMessage,
} from '../../protocol/mail/truth.ts';

/*
 * The canonical form of a message, written from `docs/canonical-form.md` alone and from the message's structure, never from
 * its MIME. The members stand in the order of that page, because the hash is of their JSON text.
 */

export function canonicalMessage(state: MessageState, folderPath: string[], content: Content): CanonicalMessage {
  const message = state.content;
  return {
    folderPath,
    internetMessageId: message.internetMessageId ?? '',
    subject: oneLine(message.subject ?? ''),
    from: message.from === null ? null : canonicalAddress(message.from),
    to: message.to.map(canonicalAddress),
    cc: message.cc.map(canonicalAddress),
    bcc: message.bcc.map(canonicalAddress),
    replyTo: message.replyTo.map(canonicalAddress),
    sentAt: message.sentAt,
    receivedAt: state.receivedAt,
    isRead: state.isRead,
    importance: state.importance,
    flag: state.flag.flagStatus,
    categories: [...state.categories].sort(byCodeUnit),
    body: canonicalBody(message, content),
    attachments: canonicalAttachments(message.attachments, content),
  };
}

export function canonicalHash(canonical: CanonicalMessage): string {
  return hash('sha256', JSON.stringify(canonical));
}

function canonicalItem(message: MessageContent, content: Content): CanonicalItem {
  return {
    internetMessageId: message.internetMessageId ?? '',
    subject: oneLine(message.subject ?? ''),
    from: message.from === null ? null : canonicalAddress(message.from),
    to: message.to.map(canonicalAddress),
    cc: message.cc.map(canonicalAddress),
    replyTo: message.replyTo.map(canonicalAddress),
    sentAt: message.sentAt,
    body: canonicalBody(message, content),
    attachments: canonicalAttachments(message.attachments, content),
  };
}

function canonicalAddress({ name, address }: Address): CanonicalAddress {
  const lower = address.toLowerCase();
  const line = oneLine(name);
  return { name: line.toLowerCase() === lower ? '' : line, address: lower };
}

function canonicalBody({ body }: MessageContent, content: Content): CanonicalMessage['body'] {
  if (body === null) return { type: 'text', text: '' };
  const text = content
    .text(body.source)
    .normalize('NFC')
    .replaceAll('\0', '')
    .replace(/\r\n|\r/g, '\n')
    .replace(/[ \t]+(?=\n)/g, '')
    .trimEnd();
  return { type: body.type, text };
}

function canonicalAttachments(attachments: readonly Attachment[], content: Content): CanonicalAttachment[] {
  return attachments
    .map((attachment) => {
      const canonical = canonicalAttachment(attachment, content);
      return { canonical, text: JSON.stringify(canonical) };
    })
    .sort((a, b) => byCodeUnit(a.text, b.text))
    .map(({ canonical }) => canonical);
}

function canonicalAttachment(attachment: Attachment, content: Content): CanonicalAttachment {
  const name = oneLine(attachment.name ?? '');
  if (attachment.kind === 'reference') return { kind: 'reference', name };
  if (attachment.kind === 'item') return { kind: 'item', name, item: canonicalItem(attachment.item, content) };
  return {
    kind: 'file',
    name,
    contentType: (attachment.contentType ?? 'application/octet-stream').split(';')[0]!.trim().toLowerCase(),
    contentId: attachment.contentId ?? '',
    isInline: attachment.isInline,
    sha256: content.sha256(attachment.bytes),
  };
}

function oneLine(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll('\0', '')
    .replace(/[ \t\r\n]+/g, ' ')
    .replace(/^ | $/g, '');
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
