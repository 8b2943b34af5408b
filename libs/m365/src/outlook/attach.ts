import { Failure } from '@backhaul/domain';
import type { AttachmentToCreate } from '@backhaul/engine';
import type { Graph } from '../graph.ts';
import { uploadInFragments } from '../upload.ts';
import type { Mailbox } from '../mail/mailbox.ts';
import { embeddedToGraph } from '../mail/message-to-graph.ts';
import { refused } from './marked-items.ts';

/**
 * From here on upload sessions are meant; below they are refused. The last few hundred bytes below it fit neither way, since
 * in base64 they make a request larger than Graph takes: such a file is refused, and the restore says so.
 */
const SMALLEST_SESSION = 3 * 1024 * 1024;
/** More than this Exchange takes in no way. */
const LARGEST = 150 * 1024 * 1024;

type FileAttachment = Extract<AttachmentToCreate, { kind: 'file' }>;

/**
 * Adds one attachment to a message or event that exists. A lost answer is not repeated (it could be there twice).
 * @param holder whose it is to be: path below the mailbox, and the user whose limits uploads count against
 * @throws Failure `invalid-input` when Microsoft cannot take it, `unavailable` when it is not known whether it did.
 */
export async function attach(
  graph: Graph,
  mailbox: Mailbox,
  holder: { userId: string; path: string },
  attachment: AttachmentToCreate,
  signal: AbortSignal,
): Promise<void> {
  const at = { userId: holder.userId, path: `${holder.path}/attachments` };
  if (attachment.kind === 'file' && attachment.content.length >= SMALLEST_SESSION) {
    return attachBySession(graph, mailbox, at, attachment, signal).catch(refused);
  }
  const body = attachmentToGraph(attachment);
  if (attachment.kind === 'item' && Buffer.byteLength(JSON.stringify(body)) > LARGEST_REQUEST)
    throw tooLarge(attachment.name);
  await mailbox.send({ method: 'POST', path: at.path, body, signal }).catch(refused);
}

/** Item attachments cannot use a session, so the whole request must fit. */
const LARGEST_REQUEST = 4 * 1024 * 1024;

async function attachBySession(
  graph: Graph,
  mailbox: Mailbox,
  at: { userId: string; path: string },
  attachment: FileAttachment,
  signal: AbortSignal,
): Promise<void> {
  if (attachment.content.length > LARGEST) throw tooLarge(attachment.name);
  const { uploadUrl } = await mailbox.json<{ uploadUrl?: string }>({
    method: 'POST',
    path: `${at.path}/createUploadSession`,
    body: {
      AttachmentItem: {
        attachmentType: 'file',
        name: attachment.name,
        size: attachment.content.length,
        contentType: attachment.contentType,
        isInline: attachment.isInline,
        ...(attachment.contentId !== '' && { contentId: attachment.contentId }),
      },
    },
    // A session that was opened twice is forgotten by the service.
    repeatable: true,
    signal,
  });
  await uploadInFragments(graph, uploadUrl, attachment.content, { scope: at.userId, signal });
}

function attachmentToGraph(attachment: AttachmentToCreate): Record<string, unknown> {
  if (attachment.kind === 'item') {
    const { message } = attachment;
    return {
      '@odata.type': '#microsoft.graph.itemAttachment',
      name: attachment.name,
      item: {
        ...embeddedToGraph(message),
        ...(message.attachments.length > 0 && { attachments: message.attachments.map(attachmentToGraph) }),
      },
    };
  }
  return {
    '@odata.type': '#microsoft.graph.fileAttachment',
    name: attachment.name,
    contentType: attachment.contentType,
    isInline: attachment.isInline,
    ...(attachment.contentId !== '' && { contentId: attachment.contentId }),
    contentBytes: Buffer.from(attachment.content).toString('base64'),
  };
}

function tooLarge(name: string): Failure {
  return new Failure('invalid-input', {
    code: 'graph.attachment-too-large',
    message: 'The attachment is larger than Microsoft takes.',
    retry: 'never',
    hint: 'Export the item to a file instead.',
    where: { attachment: name },
  });
}
