import type { SourceAttachment } from '@backhaul/engine';
import { segment, type Mailbox } from '../mail/mailbox.ts';

interface GraphAttachment {
  '@odata.type'?: string;
  id: string;
  name?: string | null;
  contentType?: string | null;
  contentId?: string | null;
  isInline?: boolean | null;
}

/** An attachment with the id that it has at its item. */
export type IdentifiedAttachment = SourceAttachment & { id: string };

/** `contentId` belongs to the derived type and is asked for by its name. */
const ATTACHMENT_FIELDS = 'id,name,contentType,isInline,microsoft.graph.fileAttachment/contentId';

/**
 * What is attached to a message or event, each by itself, because Graph fails on items with many or large ones when it has
 * to give all at once.
 * @param holder path of the item below the mailbox
 */
export async function readAttachments(
  mailbox: Mailbox,
  holder: string,
  signal: AbortSignal,
): Promise<IdentifiedAttachment[]> {
  const attachments: IdentifiedAttachment[] = [];
  const list = { path: `${holder}/attachments?$select=${ATTACHMENT_FIELDS}`, signal };
  for await (const page of mailbox.pages<GraphAttachment>(list)) {
    for (const attachment of page.value) {
      const path = `${holder}/attachments/${segment(attachment.id)}`;
      attachments.push(await withContent(mailbox, path, attachment, signal));
    }
  }
  return attachments;
}

async function withContent(
  mailbox: Mailbox,
  path: string,
  attachment: GraphAttachment,
  signal: AbortSignal,
): Promise<IdentifiedAttachment> {
  const kind = KINDS[attachment['@odata.type'] ?? ''] ?? 'file';
  const isWebPage = /^text\/html\b/i.test(attachment.contentType ?? '');
  return {
    id: attachment.id,
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
