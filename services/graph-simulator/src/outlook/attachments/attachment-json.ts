import { badRequest } from '../../http/graph-error.ts';
import { Content } from '../../tenant/content.ts';
import type { Attachment, MessageContent } from '../../mail/state/message.ts';
import { messageSize } from '../../mail/state/message-size.ts';
import { recipient, recipientOrNull } from '../recipient.ts';
import type { AttachmentHolder } from './attachment-holder.ts';

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
  holder: AttachmentHolder,
  attachment: Attachment,
  shape: AttachmentShape,
): Record<string, unknown> {
  const { content } = holder.context.tenant;
  const json: Record<string, unknown> = {
    '@odata.type': `#microsoft.graph.${attachment.kind}Attachment`,
    ...(attachment.kind === 'file' && {
      '@odata.mediaContentType': attachment.contentType ?? 'application/octet-stream',
    }),
    id: holder.id(attachment.key),
  };
  const properties: Record<string, () => unknown> = {
    lastModifiedDateTime: () => holder.modifiedAt,
    name: () => attachment.name,
    contentType: () => (attachment.kind === 'file' ? attachment.contentType : null),
    size: () => attachmentSize(attachment),
    isInline: () => attachment.kind === 'file' && attachment.isInline,
  };
  if (attachment.kind === 'file') {
    properties['contentId'] = () => attachment.contentId;
    properties['contentLocation'] = () => null;
    properties['contentBytes'] = () => content.bytes(attachment.bytes).toString('base64');
  }
  for (const [name, value] of Object.entries(properties)) {
    if (shape.select === null || shape.select.includes(name.toLowerCase())) json[name] = value();
  }
  if (attachment.kind === 'item' && shape.item) json['item'] = itemJson(holder, attachment.item);
  return json;
}

/** The store's size is a little larger than the bytes. */
function attachmentSize(attachment: Attachment): number {
  if (attachment.kind === 'file') return Content.size(attachment.bytes) + 150 + (attachment.name?.length ?? 0);
  return attachment.kind === 'item' ? messageSize(attachment.item) : 382;
}

function itemJson({ context }: AttachmentHolder, item: MessageContent): Record<string, unknown> {
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
