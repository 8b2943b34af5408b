import type { AttachmentToCreate, EmbeddedMessage } from '../src/item-target.ts';
import type { MessageParts, SourceAttachment } from '../src/mail-source.ts';
import { buildMime } from './build-mime.ts';

/** What a created attachment looks like when it is read. */
export function attachmentOf(attachment: AttachmentToCreate): SourceAttachment {
  if (attachment.kind === 'file') return { ...attachment };
  const content = embeddedMime(attachment.message);
  return { kind: 'item', name: attachment.name, contentType: '', contentId: '', isInline: false, content };
}

function embeddedMime(message: EmbeddedMessage): Uint8Array {
  const content: MessageParts = { body: message.body, attachments: message.attachments.map(attachmentOf) };
  const { subject, from, toRecipients, ccRecipients, replyTo, internetMessageId, sentDateTime } = message;
  return buildMime({ subject, from, toRecipients, ccRecipients, replyTo, internetMessageId, sentDateTime }, content);
}
