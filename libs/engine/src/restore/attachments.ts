import type { AttachmentToCreate, EmbeddedMessage } from '../item-target.ts';
import type { MessageParts, Recipient, SourceAttachment } from '../mail-source.ts';
import { contentOf } from '../mime/message-content.ts';
import { readMimePart } from '../mime/mime-part.ts';
import type { Addition, Loss } from './restore-kind.ts';

/** Messages in messages are created as such as deep as this; what is deeper becomes a file. */
const MAX_EMBEDDED = 10;

/** What is to be attached again of what was attached; what cannot be is added to the losses. */
export async function attachmentsToCreate(
  attachments: readonly SourceAttachment[],
  losses: Loss[],
  depth = 0,
): Promise<AttachmentToCreate[]> {
  const made: AttachmentToCreate[] = [];
  for (const attachment of attachments) {
    if (attachment.unread !== undefined) {
      losses.push({
        code: 'restore.attachment-never-read',
        message: `The attachment "${attachment.name}" could not be read when the backup was made and was left out.`,
      });
    } else if (attachment.kind === 'reference') {
      losses.push({
        code: 'restore.link-left-out',
        message: `The link to a file in the cloud "${attachment.name}" cannot be created again and was left out.`,
      });
    } else if (attachment.kind === 'item' && isMessage(attachment.content) && depth < MAX_EMBEDDED) {
      made.push(await embeddedMessage(attachment, losses, depth + 1));
    } else {
      if (attachment.kind === 'item') {
        losses.push({
          code: 'restore.item-as-file',
          message: `The attached item "${attachment.name}" was attached as a file.`,
        });
      }
      made.push(fileToCreate(attachment));
    }
  }
  return made;
}

/** What the attachments look like once they are there: see {@link attachmentsToCreate}. */
export function attachmentsAsRestored(attachments: readonly SourceAttachment[]): SourceAttachment[] {
  return attachments
    .filter(({ kind, unread }) => kind !== 'reference' && unread === undefined)
    .map((attachment) =>
      attachment.kind === 'item' && !isMessage(attachment.content) ? asFile(attachment) : attachment,
    );
}

/** Attachments as additions to an item, each by a call of its own. */
export function additionsOf(
  attachments: readonly AttachmentToCreate[],
  attach: (id: string, attachment: AttachmentToCreate) => Promise<void>,
): Addition[] {
  return attachments.map((attachment) => ({
    async add(id) {
      await attach(id, attachment);
      return [];
    },
    whenRefused: (message) => refusedAttachment(attachment.name, message),
  }));
}

/** The loss of an attachment that the target did not take. */
export function refusedAttachment(name: string, message: string): Loss {
  return { code: 'restore.attachment-refused', message: `The attachment "${name}" was refused: ${message}` };
}

async function embeddedMessage(
  attachment: SourceAttachment,
  losses: Loss[],
  depth: number,
): Promise<AttachmentToCreate> {
  const part = await readMimePart(attachment.content);
  const { headers } = part;
  const { body, attachments }: MessageParts = contentOf(part);
  const subject = headers.text('subject');
  const message: EmbeddedMessage = {
    subject,
    body,
    from: recipients(headers.addresses('from'))[0] ?? null,
    toRecipients: recipients(headers.addresses('to')),
    ccRecipients: recipients(headers.addresses('cc')),
    replyTo: recipients(headers.addresses('reply-to')),
    internetMessageId: headers.text('message-id') || null,
    sentDateTime: headers.date()?.toISOString() ?? null,
    attachments: await attachmentsToCreate(attachments, losses, depth),
  };
  return { kind: 'item', name: attachment.name === '' ? subject : attachment.name, message };
}

function fileToCreate(attachment: SourceAttachment): Extract<AttachmentToCreate, { kind: 'file' }> {
  const { name, contentType, contentId, isInline, content } =
    attachment.kind === 'item' ? asFile(attachment) : attachment;
  return { kind: 'file', name, contentType, contentId, isInline, content };
}

function asFile(item: SourceAttachment): SourceAttachment {
  return { ...item, kind: 'file', contentType: item.contentType || (typeOf(item.content) ?? 'message/rfc822') };
}

function isMessage(content: Uint8Array): boolean {
  return typeOf(content) === null;
}

/** An attached contact or event comes as vCard or iCalendar; null for all else, which is a message. */
function typeOf(content: Uint8Array): string | null {
  const [, begun = ''] =
    /^\s*BEGIN:(VCARD|VCALENDAR)/i.exec(Buffer.from(content.subarray(0, 64)).toString('latin1')) ?? [];
  if (begun === '') return null;
  return begun.toUpperCase() === 'VCARD' ? 'text/vcard' : 'text/calendar';
}

function recipients(addresses: { name: string; address: string }[]): Recipient[] {
  return addresses.map(({ name, address }) => ({ emailAddress: { name, address } }));
}
