import type { ItemEntry, ItemListing, PartContent } from '@backhaul/repository';
import type { MessageParts, MessageProperties } from './mail-source.ts';
import { attachmentParts, listAttachments, readAttachments, type ListedAttachment } from './stored-attachments.ts';
import {
  displayAddress,
  isoTime,
  ITEM_PARTS,
  jsonPart,
  partOf,
  readJson,
  readProperties,
  type PartSource,
} from './stored-item.ts';

/**
 * What a message consists of in a recovery point, as named parts, besides those of every item:
 *
 * - `mime`: the MIME stream as delivered, **or**
 * - `content`: where MIME cannot be had, JSON with the body and a list of attachments, and `attachment-0` … raw.
 */
export const MESSAGE_PARTS = { ...ITEM_PARTS, mime: 'mime', content: 'content' } as const;

/** What the source gave for one message. */
export type FetchedContent = { type: 'mime'; mime: Uint8Array } | { type: 'parts'; parts: MessageParts };

/** A message as it is read back from a point. */
export interface StoredMessage {
  properties: MessageProperties;
  content: Uint8Array | MessageParts;
}

/** What a point lists of a message, from Microsoft's JSON. */
export function messageEntry(properties: MessageProperties, containerId: string): ItemListing {
  return {
    type: 'item',
    kind: 'message',
    containerId,
    id: properties.id,
    changeKey: properties.changeKey,
    subject: properties.subject ?? '',
    from: displayAddress(properties.from ?? properties.sender),
    receivedAt: isoTime(properties.receivedDateTime),
    isRead: properties.isRead ?? false,
    hasAttachments: properties.hasAttachments ?? false,
  };
}

/** The parts to store of a message that could be read. */
export function messageParts(properties: MessageProperties, fetched: FetchedContent): PartContent[] {
  const stored = [jsonPart(MESSAGE_PARTS.properties, properties)];
  if (fetched.type === 'mime') {
    return [...stored, { name: MESSAGE_PARTS.mime, format: 'mime', content: fetched.mime }];
  }
  const { body, attachments } = fetched.parts;
  return [
    ...stored,
    jsonPart(MESSAGE_PARTS.content, { body, attachments: listAttachments(attachments) } satisfies StoredContent),
    ...attachmentParts(attachments),
  ];
}

/** The message of an entry; null when no version of it could ever be read. */
export async function readStoredMessage(entry: ItemEntry, source: PartSource): Promise<StoredMessage | null> {
  const properties = await readProperties<MessageProperties>(entry, source);
  if (properties === null) return null;
  const mimePart = partOf(entry, MESSAGE_PARTS.mime);
  if (mimePart !== undefined) return { properties, content: await source.readPart(mimePart) };
  const contentPart = partOf(entry, MESSAGE_PARTS.content);
  if (contentPart === undefined) return null;
  const { body, attachments } = await readJson<StoredContent>(contentPart, source);
  return { properties, content: { body, attachments: await readAttachments(attachments, entry, source) } };
}

/** What the part `content` says. */
interface StoredContent {
  body: MessageParts['body'];
  attachments: ListedAttachment[];
}
