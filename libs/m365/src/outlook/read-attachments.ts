import { Failure, failureRecord, isFailure } from '@backhaul/domain';
import type { SourceAttachment } from '@backhaul/engine';
import { segment, type Mailbox } from '../mail/mailbox.ts';

interface GraphAttachment {
  '@odata.type'?: string;
  id: string;
  name?: string | null;
  contentType?: string | null;
  contentId?: string | null;
  isInline?: boolean | null;
  size?: number | null;
}

/** An attachment with the id that it has at its item. */
export type IdentifiedAttachment = SourceAttachment & { id: string };

/** `contentId` belongs to the derived type and is asked for by its name. */
const ATTACHMENT_FIELDS = 'id,name,contentType,isInline,size,microsoft.graph.fileAttachment/contentId';

/**
 * What is attached to a message or event, each by itself, because Graph fails on items with many or large ones when it has
 * to give all at once. One that cannot be read is named with the reason (`unread`): it must not cost the rest of the item.
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
      const read = await withContent(mailbox, path, attachment, signal);
      if (read !== null) attachments.push(read);
    }
  }
  return attachments;
}

/** Null when it is gone meanwhile. */
async function withContent(
  mailbox: Mailbox,
  path: string,
  attachment: GraphAttachment,
  signal: AbortSignal,
): Promise<IdentifiedAttachment | null> {
  const kind = KINDS[attachment['@odata.type'] ?? ''] ?? 'file';
  const listed = {
    id: attachment.id,
    kind,
    name: attachment.name ?? '',
    contentType: attachment.contentType ?? '',
    contentId: (attachment.contentId ?? '').replace(/^<|>$/g, ''),
    isInline: attachment.isInline ?? false,
  };
  // A reference has no content: Graph answers 405.
  if (kind === 'reference') return { ...listed, content: NOTHING };
  try {
    if ((attachment.size ?? 0) > LARGEST) throw tooLarge();
    const isWebPage = /^text\/html\b/i.test(listed.contentType);
    return { ...listed, content: await mailbox.bytes({ path: `${path}/$value`, isWebPage, signal }) };
  } catch (error) {
    if (isFailure(error, 'not-found')) return null;
    if (!isFailure(error, 'unreadable', 'invalid-input')) throw error;
    return { ...listed, content: NOTHING, unread: failureRecord(error) };
  }
}

const NOTHING = new Uint8Array(0);

/** Exchange lets nobody attach more than this; by its count (a little more than the bytes), some more may be there. */
const LARGEST = 160 * 1024 * 1024;

function tooLarge(): Failure {
  return new Failure('unreadable', {
    code: 'graph.attachment-too-large',
    message: 'The attachment is larger than 150 MB.',
    retry: 'never',
    hint: 'Open the item in Outlook and keep the attachment elsewhere.',
  });
}

const KINDS: Readonly<Record<string, SourceAttachment['kind']>> = {
  '#microsoft.graph.fileAttachment': 'file',
  '#microsoft.graph.itemAttachment': 'item',
  '#microsoft.graph.referenceAttachment': 'reference',
};
