import { badRequest } from '../../http/graph-error.ts';
import { Content } from '../../tenant/content.ts';
import type { Attachment, MessageContent } from '../state/message.ts';
import { messageSize } from './extended-properties.ts';
import type { MessageSubject } from './open-mail.ts';
import { recipient, recipientOrNull } from './recipient.ts';

/** What of attachments an answer has. */
export interface AttachmentShape {
  /** Lower-case names; null: everything. */
  select: readonly string[] | null;
  /** Embedded messages with their properties. */
  item: boolean;
}

const SELECTABLE = ['id', 'name', 'size', 'contenttype', 'isinline', 'lastmodifieddatetime'];
const SELECTABLE_OF_FILES = ['contentid', 'contentlocation', 'contentbytes'];

/** @throws GraphError for a property that attachments do not have */
export function attachmentSelection(select: readonly string[] | null): readonly string[] | null {
  if (select === null) return null;
  return select.map((name) => {
    const plain = name.replace(/^microsoft\.graph\.fileAttachment\//i, '').toLowerCase();
    const known = SELECTABLE.includes(plain) || (plain !== name.toLowerCase() && SELECTABLE_OF_FILES.includes(plain));
    if (!known) throw badRequest(`Could not find a property named '${name}' on type 'microsoft.graph.attachment'.`);
    return plain;
  });
}

export function attachmentJson(
  subject: MessageSubject,
  attachment: Attachment,
  shape: AttachmentShape,
): Record<string, unknown> {
  const { context, mailbox, key, state } = subject;
  const json: Record<string, unknown> = {
    '@odata.type': `#microsoft.graph.${attachment.kind}Attachment`,
    ...(attachment.kind === 'file' && {
      '@odata.mediaContentType': attachment.contentType ?? 'application/octet-stream',
    }),
    id: context.tenant.ids.encode('attachment', mailbox.number, key, attachmentNumber(state.moves, attachment.key)),
  };
  const properties: Record<string, () => unknown> = {
    lastModifiedDateTime: () => state.modifiedAt,
    name: () => attachment.name,
    contentType: () => (attachment.kind === 'file' ? attachment.contentType : null),
    size: () => attachmentSize(attachment),
    isInline: () => attachment.kind === 'file' && attachment.isInline,
  };
  if (attachment.kind === 'file') {
    properties['contentId'] = () => attachment.contentId;
    properties['contentLocation'] = () => null;
    properties['contentBytes'] = () => context.tenant.content.bytes(attachment.bytes).toString('base64');
  }
  for (const [name, value] of Object.entries(properties)) {
    if (shape.select === null || shape.select.includes(name.toLowerCase())) json[name] = value();
  }
  if (attachment.kind === 'item' && shape.item) json['item'] = itemJson(subject, attachment.item);
  return json;
}

/** The part of an attachment's id that names it within its message; it changes when the message moves. */
export function attachmentNumber(moves: number, key: number): number {
  return moves * 4096 + key;
}

/** The store's size is a little larger than the bytes. */
function attachmentSize(attachment: Attachment): number {
  if (attachment.kind === 'file') return Content.size(attachment.bytes) + 150 + (attachment.name?.length ?? 0);
  return attachment.kind === 'item' ? messageSize(attachment.item) : 382;
}

function itemJson({ context }: MessageSubject, item: MessageContent): Record<string, unknown> {
  return {
    '@odata.type': '#microsoft.graph.message',
    id: '',
    subject: item.subject,
    internetMessageId: item.internetMessageId,
    sentDateTime: item.sentAt,
    hasAttachments: item.attachments.length > 0,
    from: recipientOrNull(item.from),
    sender: recipientOrNull(item.sender),
    toRecipients: item.to.map(recipient),
    ccRecipients: item.cc.map(recipient),
    replyTo: item.replyTo.map(recipient),
    body: {
      contentType: item.body?.type ?? 'text',
      content: item.body === null ? '' : context.tenant.content.text(item.body.source),
    },
  };
}
