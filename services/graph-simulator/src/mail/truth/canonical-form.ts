import { hash } from 'node:crypto';
import { byCodeUnit, byJsonText, canonicalAddress, manyLines, oneLine } from '../../outlook/canonical-text.ts';
import type { Content } from '../../tenant/content.ts';
import type { Attachment, Body, MessageContent, MessageState } from '../state/message.ts';
import type { CanonicalAttachment, CanonicalItem, CanonicalMessage } from '../../protocol/mail/truth.ts';

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
    body: canonicalBody(message.body, content),
    attachments: canonicalAttachments(message.attachments, content),
  };
}

/** Of any canonical form. */
export function canonicalHash(canonical: object): string {
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
    body: canonicalBody(message.body, content),
    attachments: canonicalAttachments(message.attachments, content),
  };
}

export function canonicalBody(body: Body | null, content: Content): CanonicalMessage['body'] {
  return body === null ? { type: 'text', text: '' } : { type: body.type, text: manyLines(content.text(body.source)) };
}

export function canonicalAttachments(attachments: readonly Attachment[], content: Content): CanonicalAttachment[] {
  return byJsonText(attachments.map((attachment) => canonicalAttachment(attachment, content)));
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
