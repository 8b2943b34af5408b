import type { AttachmentToCreate } from '../../item-target.ts';
import type { MessageProperties } from '../../mail-source.ts';
import type { MessageToCreate } from '../../mail-target.ts';
import { readMessageContent } from '../../mime/message-content.ts';
import type { StoredMessage } from '../../stored-message.ts';
import { attachmentsToCreate } from '../attachments.ts';
import type { Loss } from '../restore-kind.ts';

/** A stored message as it can be created again. */
export interface RestorableMessage {
  message: Omit<MessageToCreate, 'mark'>;
  attachments: AttachmentToCreate[];
  losses: Loss[];
}

/**
 * Builds what is to be created from what is stored: what Microsoft's JSON states from the properties, body and attachments
 * from the MIME. How a target is told that it is no draft and has these dates is the target's knowledge.
 */
export async function restorableMessage({ properties, content }: StoredMessage): Promise<RestorableMessage> {
  const { body, attachments } = content instanceof Uint8Array ? await readMessageContent(content) : content;
  const losses: Loss[] = [];
  return {
    message: { ...statedByJson(properties, losses), body },
    attachments: await attachmentsToCreate(attachments, losses),
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
