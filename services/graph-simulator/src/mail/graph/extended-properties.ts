import { badRequest } from '../../http/graph-error.ts';
import { Content } from '../../tenant/content.ts';
import type { MessageContent, MessageState } from '../state/message.ts';

/** PidTagMessageFlags, PidTagMessageSize, PidTagClientSubmitTime, PidTagMessageDeliveryTime, PidTagInternetMessageId, PidTagMessageClass. */
export const TAG = {
  flags: 'Integer 0xe07',
  size: 'Long 0xe08',
  sent: 'SystemTime 0x39',
  received: 'SystemTime 0xe06',
  messageId: 'String 0x1035',
  messageClass: 'String 0x1a',
} as const;

const TAGGED = /^(\w+) 0x([0-9a-f]{1,4})$/i;
const NAMED = /^(\w+) \{([0-9a-f-]{36})\} (Name|Id) (.+)$/i;

/**
 * Property ids in the form the service answers with: `integer 0x0E07` reads `Integer 0xe07`.
 * @throws GraphError for what is no property id
 */
export function normalPropertyId(id: string): string {
  const tagged = TAGGED.exec(id.trim());
  if (tagged !== null) return `${typeName(tagged[1]!)} 0x${tagged[2]!.toLowerCase().replace(/^0+(?=.)/, '')}`;
  const named = NAMED.exec(id.trim());
  if (named === null) throw badRequest(`The property id '${id}' is invalid.`, 'ErrorInvalidProperty');
  const [, type, guid, by, name] = named as unknown as [string, string, string, string, string];
  const last = by.toLowerCase() === 'name' ? `Name ${name}` : `Id ${name.toLowerCase()}`;
  return `${typeName(type)} {${guid.toLowerCase()}} ${last}`;
}

/** Reads `singleValueExtendedProperties` of a request body, by normal form of the id. */
export function readProperties(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (!Array.isArray(value))
    throw badRequest('singleValueExtendedProperties must be a collection.', 'UnableToDeserializePostBody');
  const properties: Record<string, string> = {};
  for (const entry of value as unknown[]) {
    const { id, value: text } = (entry ?? {}) as { id?: unknown; value?: unknown };
    if (typeof id !== 'string' || typeof text !== 'string') {
      throw badRequest('An extended property needs id and value, both strings.', 'UnableToDeserializePostBody');
    }
    properties[normalPropertyId(id)] = text;
  }
  return properties;
}

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

/** About what a store counts for a message. */
export function messageSize(content: MessageContent): number {
  let size = 1500 + (content.subject?.length ?? 0);
  const source = content.body?.source;
  if (source !== undefined) size += source.from === 'text' ? source.text.length : source.size;
  for (const attachment of content.attachments) {
    if (attachment.kind === 'file') size += Content.size(attachment.bytes) + 300;
    else if (attachment.kind === 'item') size += messageSize(attachment.item);
  }
  return size;
}

function typeName(type: string): string {
  const known = [
    'Integer',
    'Long',
    'SystemTime',
    'String',
    'Boolean',
    'Binary',
    'Double',
    'CLSID',
    'Short',
    'Float',
    'Currency',
    'ApplicationTime',
  ];
  const name = known.find((candidate) => candidate.toLowerCase() === type.toLowerCase());
  if (name === undefined) throw badRequest(`The property type '${type}' is invalid.`, 'ErrorInvalidProperty');
  return name;
}
