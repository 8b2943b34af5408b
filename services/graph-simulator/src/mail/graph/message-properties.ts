import { messageSize } from '../state/message-size.ts';
import type { MessageState } from '../state/message.ts';

/** PidTagMessageFlags, PidTagMessageSize, PidTagClientSubmitTime, PidTagMessageDeliveryTime, PidTagInternetMessageId, PidTagMessageClass. */
export const TAG = {
  flags: 'Integer 0xe07',
  size: 'Long 0xe08',
  sent: 'SystemTime 0x39',
  received: 'SystemTime 0xe06',
  messageId: 'String 0x1035',
  messageClass: 'String 0x1a',
} as const;

/** These have a value also where none is stored. */
export const DERIVED: readonly string[] = [
  TAG.flags,
  TAG.size,
  TAG.sent,
  TAG.received,
  TAG.messageId,
  TAG.messageClass,
];

/** A property's value: stored ones, and those that follow from the message itself; undefined when there is none. */
export function propertyValue(state: MessageState, id: string): string | undefined {
  switch (id) {
    case TAG.flags:
      return String((state.isRead ? 1 : 0) | (state.isDraft ? 8 : 0) | (state.content.attachments.length > 0 ? 16 : 0));
    case TAG.size:
      return String(messageSize(state.content));
    case TAG.sent:
      return state.content.sentAt ?? undefined;
    case TAG.received:
      return state.receivedAt ?? undefined;
    case TAG.messageId:
      return state.content.internetMessageId ?? undefined;
    case TAG.messageClass:
      return state.properties[id] ?? 'IPM.Note';
    default:
      return state.properties[id];
  }
}
