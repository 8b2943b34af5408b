import type { EmbeddedMessage, MessageToCreate, Recipient } from '@backhaul/engine';
import { markProperties, type ExtendedProperty } from '../outlook/restore-mark.ts';

/**
 * Properties that decide at creation, and then only, whether a message is a draft and when it was sent and received
 * (MS-OXCMSG; PidTagMessageFlags, PidTagClientSubmitTime, PidTagMessageDeliveryTime).
 */
const MESSAGE_FLAGS = 'Integer 0x0E07';
const SUBMIT_TIME = 'SystemTime 0x0039';
const DELIVERY_TIME = 'SystemTime 0x0E06';
const MESSAGE_CLASS = 'String 0x001A';
const OURS = [MESSAGE_FLAGS, SUBMIT_TIME, DELIVERY_TIME];

/** Bits of the flags: without `unsent` a message is no draft, whatever else is set. */
const READ = 1;
const SUBMITTED = 4;

/** The body of the request that creates a message as it was. */
export function messageToGraph(message: MessageToCreate): Record<string, unknown> {
  return {
    subject: message.subject,
    body: message.body,
    ...people(message),
    ...(message.sender && { sender: message.sender }),
    bccRecipients: message.bccRecipients,
    ...(message.internetMessageId && { internetMessageId: message.internetMessageId }),
    isRead: message.isRead,
    importance: message.importance,
    categories: message.categories,
    flag: message.flag,
    singleValueExtendedProperties: [...nature(message), ...carriedOver(message), ...markProperties(message.mark)],
  };
}

/** A message inside a message; its attachments are added by the caller. */
export function embeddedToGraph(message: EmbeddedMessage): Record<string, unknown> {
  return {
    '@odata.type': '#microsoft.graph.message',
    subject: message.subject,
    body: message.body,
    ...people(message),
    ...(message.internetMessageId && { internetMessageId: message.internetMessageId }),
    singleValueExtendedProperties: nature({ ...message, isRead: true, isDraft: false, receivedDateTime: null }),
  };
}

function people(message: Pick<MessageToCreate, 'from' | 'toRecipients' | 'ccRecipients' | 'replyTo'>) {
  return {
    ...(message.from && { from: message.from }),
    toRecipients: message.toRecipients,
    ccRecipients: message.ccRecipients,
    replyTo: message.replyTo.filter(isAcceptable),
  };
}

/** Graph refuses the whole message for one bad reply address; the others are only looked at for their form. */
function isAcceptable(recipient: Recipient): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(recipient.emailAddress?.address ?? '');
}

function nature(
  message: Pick<MessageToCreate, 'isRead' | 'isDraft' | 'sentDateTime' | 'receivedDateTime'>,
): ExtendedProperty[] {
  const properties: ExtendedProperty[] = [];
  if (!message.isDraft) properties.push({ id: MESSAGE_FLAGS, value: String(message.isRead ? READ : SUBMITTED) });
  if (message.sentDateTime !== null) properties.push({ id: SUBMIT_TIME, value: message.sentDateTime });
  if (message.receivedDateTime !== null) properties.push({ id: DELIVERY_TIME, value: message.receivedDateTime });
  return properties;
}

/** What the original had besides, except what we set and classes that are no mail (they would need more than a class). */
function carriedOver(message: MessageToCreate): ExtendedProperty[] {
  return message.extendedProperties.filter(({ id, value }) => {
    if (sameProperty(id, MESSAGE_CLASS)) return /^IPM\.Note(\.|$)/i.test(value);
    return !OURS.some((ours) => sameProperty(id, ours));
  });
}

/** Property ids differ in case and leading zeros: `integer 0xe07` is `Integer 0x0E07`. */
function sameProperty(a: string, b: string): boolean {
  const normal = (id: string) => id.toLowerCase().replace(/ 0x0*/, ' 0x');
  return normal(a) === normal(b);
}
