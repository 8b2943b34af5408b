import type { MessageParts, SourceAttachment } from '@backhaul/engine';
import { segment, type Mailbox } from './mailbox.ts';

interface GraphAttachment {
  '@odata.type'?: string;
  id: string;
  name?: string | null;
  contentType?: string | null;
  contentId?: string | null;
  isInline?: boolean | null;
}

interface GraphBody {
  body?: { contentType?: string | null; content?: string | null } | null;
}

/** `contentId` belongs to the derived type and is asked for by its name. */
const ATTACHMENT_FIELDS = 'id,name,contentType,isInline,microsoft.graph.fileAttachment/contentId';

/** The body must come as it is stored, not as it would be safe to show. */
const UNTOUCHED_BODY = 'outlook.allow-unsafe-html';

/**
 * A message without its MIME: body, then each attachment by itself, because Graph fails on messages with many or large ones
 * when it has to give all at once.
 */
export async function messageParts(mailbox: Mailbox, messageId: string, signal: AbortSignal): Promise<MessageParts> {
  const message = `/messages/${segment(messageId)}`;
  const { body } = await mailbox.json<GraphBody>({ path: `${message}?$select=body`, prefer: [UNTOUCHED_BODY], signal });
  const attachments: SourceAttachment[] = [];
  const list = { path: `${message}/attachments?$select=${ATTACHMENT_FIELDS}`, signal };
  for await (const page of mailbox.pages<GraphAttachment>(list)) {
    for (const attachment of page.value) {
      attachments.push(
        await withContent(mailbox, `${message}/attachments/${segment(attachment.id)}`, attachment, signal),
      );
    }
  }
  return {
    body: { contentType: body?.contentType === 'text' ? 'text' : 'html', content: body?.content ?? '' },
    attachments,
  };
}

async function withContent(
  mailbox: Mailbox,
  path: string,
  attachment: GraphAttachment,
  signal: AbortSignal,
): Promise<SourceAttachment> {
  const kind = KINDS[attachment['@odata.type'] ?? ''] ?? 'file';
  const isWebPage = /^text\/html\b/i.test(attachment.contentType ?? '');
  return {
    kind,
    name: attachment.name ?? '',
    contentType: attachment.contentType ?? '',
    contentId: (attachment.contentId ?? '').replace(/^<|>$/g, ''),
    isInline: attachment.isInline ?? false,
    // A reference has no content: Graph answers 405.
    content:
      kind === 'reference' ? new Uint8Array() : await mailbox.bytes({ path: `${path}/$value`, isWebPage, signal }),
  };
}

const KINDS: Readonly<Record<string, SourceAttachment['kind']>> = {
  '#microsoft.graph.fileAttachment': 'file',
  '#microsoft.graph.itemAttachment': 'item',
  '#microsoft.graph.referenceAttachment': 'reference',
};
