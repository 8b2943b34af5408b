import type { MessageParts, MessageProperties, Recipient, SourceAttachment } from '../mail-source.ts';
import type { AttachmentToCreate, EmbeddedMessage, MessageToCreate } from '../mail-target.ts';
import { contentOf, readMessageContent } from '../mime/message-content.ts';
import { readMimePart } from '../mime/mime-part.ts';
import type { StoredMessage } from '../stored-message.ts';

/** What of a message cannot be given back to Microsoft. */
export interface Loss {
  /** Stable name, `restore.…`. */
  code: string;
  /** One sentence for a person. */
  message: string;
}

/** A stored message as it can be created again. */
export interface RestorableMessage {
  message: Omit<MessageToCreate, 'mark'>;
  attachments: AttachmentToCreate[];
  losses: Loss[];
}

/** Messages in messages are created as such as deep as this; what is deeper becomes a file. */
const MAX_EMBEDDED = 10;

/**
 * Builds what is to be created from what is stored: what Microsoft's JSON states from the properties, body and attachments
 * from the MIME. How a target is told that it is no draft and has these dates is the target's knowledge.
 */
export async function restorableMessage({ properties, content }: StoredMessage): Promise<RestorableMessage> {
  const { body, attachments } = content instanceof Uint8Array ? await readMessageContent(content) : content;
  const losses: Loss[] = [];
  return {
    message: { ...statedByJson(properties, losses), body },
    attachments: await attachmentsToCreate(attachments, losses, 0),
    losses,
  };
}

/** True for an address that Microsoft accepts in `replyTo`; one that is not makes it refuse the whole message. */
export function isReplyAddress(address: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(address);
}

function statedByJson(properties: MessageProperties, losses: Loss[]): Omit<MessageToCreate, 'mark' | 'body'> {
  const replyTo = properties.replyTo ?? [];
  const accepted = replyTo.filter((recipient) => isReplyAddress(recipient.emailAddress?.address ?? ''));
  if (accepted.length < replyTo.length) {
    losses.push({
      code: 'restore.reply-address-left-out',
      message: 'A reply-to address that is no mail address was left out.',
    });
  }
  return {
    subject: properties.subject ?? '',
    from: properties.from ?? null,
    sender: properties.sender ?? null,
    toRecipients: properties.toRecipients ?? [],
    ccRecipients: properties.ccRecipients ?? [],
    bccRecipients: properties.bccRecipients ?? [],
    replyTo: accepted,
    internetMessageId: properties.internetMessageId ?? null,
    sentDateTime: properties.sentDateTime ?? null,
    receivedDateTime: properties.receivedDateTime ?? null,
    isRead: properties.isRead ?? false,
    isDraft: properties.isDraft ?? false,
    importance: properties.importance ?? 'normal',
    categories: properties.categories ?? [],
    flag: { ...properties.flag, flagStatus: properties.flag?.flagStatus ?? 'notFlagged' },
    extendedProperties: properties.singleValueExtendedProperties ?? [],
  };
}

async function attachmentsToCreate(
  attachments: readonly SourceAttachment[],
  losses: Loss[],
  depth: number,
): Promise<AttachmentToCreate[]> {
  const made: AttachmentToCreate[] = [];
  for (const attachment of attachments) {
    if (attachment.kind === 'reference') {
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

function fileToCreate({ name, contentType, contentId, isInline, content }: SourceAttachment): AttachmentToCreate {
  return { kind: 'file', name, contentType, contentId, isInline, content };
}

/** An attached contact or event comes as vCard or iCalendar. */
function isMessage(content: Uint8Array): boolean {
  return !/^\s*BEGIN:(VCARD|VCALENDAR)/i.test(Buffer.from(content.subarray(0, 64)).toString('latin1'));
}

function recipients(addresses: { name: string; address: string }[]): Recipient[] {
  return addresses.map(({ name, address }) => ({ emailAddress: { name, address } }));
}
