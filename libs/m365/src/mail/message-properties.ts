import { MESSAGE_FIELDS, type MessageProperties } from '@backhaul/engine';

/**
 * Extended properties that a restore can use and that no ordinary field tells: message class, icon (replied, forwarded),
 * last verb and its time.
 */
const EXTENDED_PROPERTIES = ['String 0x001A', 'Integer 0x1080', 'Integer 0x1081', 'SystemTime 0x1082'];

/** `$select` and `$expand` of every message list. They are part of a cursor's meaning. */
export const MESSAGE_QUERY = [
  `$select=${MESSAGE_FIELDS.join(',')}`,
  `$expand=${encodeURIComponent(expandProperties(EXTENDED_PROPERTIES))}`,
].join('&');

/** `$expand` of named extended properties. */
export function expandProperties(ids: readonly string[]): string {
  return `singleValueExtendedProperties($filter=${ids.map((id) => `id eq '${id}'`).join(' or ')})`;
}

/** A message as Graph lists it; in change tracking it may be the mark of one that left the folder. */
export type GraphMessage = MessageProperties & { '@removed'?: { reason?: string } };

const KEPT = [...MESSAGE_FIELDS, 'singleValueExtendedProperties'] as const;

/** What is kept of a listed message: exactly the fields that were asked for, as Microsoft gave them. */
export function messageProperties(message: GraphMessage): MessageProperties {
  const kept: Partial<Record<(typeof KEPT)[number], unknown>> = {};
  for (const field of KEPT) if (message[field] !== undefined) kept[field] = message[field];
  return kept as unknown as MessageProperties;
}
