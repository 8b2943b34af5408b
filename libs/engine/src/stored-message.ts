import type { FailureRecord } from '@backhaul/domain';
import type { ItemEntry, PartContent, PartRef } from '@backhaul/repository';
import type { MessageParts, MessageProperties, SourceAttachment } from './mail-source.ts';

/**
 * What a message consists of in a recovery point, as named parts:
 *
 * - `properties`: Microsoft's JSON (UTF-8),
 * - `mime`: the MIME stream as delivered, **or**
 * - `content`: where MIME cannot be had, JSON with the body and a list of attachments, and `attachment-0` … raw;
 * - `unread`: the newest version could not be read; JSON with its properties and the reason. The other parts, where there
 *   are any, show the last version that could be read. Later runs try again.
 */
export const MESSAGE_PARTS = { properties: 'properties', mime: 'mime', content: 'content', unread: 'unread' } as const;

/** What the source gave for one message. */
export type FetchedContent = { type: 'mime'; mime: Uint8Array } | { type: 'parts'; parts: MessageParts };

/** What the part `unread` says. */
export interface UnreadMessage {
  properties: MessageProperties;
  failure: FailureRecord;
}

/** A message as it is read back from a point. */
export interface StoredMessage {
  properties: MessageProperties;
  content: Uint8Array | MessageParts;
}

/** Where an entry's parts are read from: a session or a point. */
export interface PartSource {
  readPart(part: PartRef): Promise<Uint8Array>;
}

/** What a point lists of a message, from Microsoft's JSON. */
export function messageEntry(properties: MessageProperties, containerId: string): Omit<ItemEntry, 'parts' | 'size'> {
  return {
    type: 'item',
    kind: 'message',
    containerId,
    id: properties.id,
    changeKey: properties.changeKey,
    subject: properties.subject ?? '',
    from: displayAddress(properties),
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
  const listed: ListedAttachment[] = attachments.map(({ content: _content, ...rest }, index) => ({
    ...rest,
    part: `attachment-${index}`,
  }));
  return [
    ...stored,
    jsonPart(MESSAGE_PARTS.content, { body, attachments: listed } satisfies StoredContent),
    ...attachments.map(({ content }, index) => ({ name: `attachment-${index}`, format: 'bytes' as const, content })),
  ];
}

/** The part that says why the newest version of a message is missing. */
export function unreadPart(unread: UnreadMessage): PartContent {
  return jsonPart(MESSAGE_PARTS.unread, unread);
}

/** True when the point does not hold the newest version of the message. */
export function isUnread(entry: ItemEntry): boolean {
  return partOf(entry, MESSAGE_PARTS.unread) !== undefined;
}

/** Why the newest version is missing, and what was listed of it; null when nothing is missing. */
export async function readUnread(entry: ItemEntry, source: PartSource): Promise<UnreadMessage | null> {
  const part = partOf(entry, MESSAGE_PARTS.unread);
  return part === undefined ? null : readJson<UnreadMessage>(part, source);
}

/** The message of an entry; null when no version of it could ever be read. */
export async function readStoredMessage(entry: ItemEntry, source: PartSource): Promise<StoredMessage | null> {
  const propertiesPart = partOf(entry, MESSAGE_PARTS.properties);
  if (propertiesPart === undefined) return null;
  const properties = await readJson<MessageProperties>(propertiesPart, source);
  const mimePart = partOf(entry, MESSAGE_PARTS.mime);
  if (mimePart !== undefined) return { properties, content: await source.readPart(mimePart) };
  const contentPart = partOf(entry, MESSAGE_PARTS.content);
  if (contentPart === undefined) return null;
  const content = await readJson<StoredContent>(contentPart, source);
  const attachments: SourceAttachment[] = [];
  for (const { part: name, ...rest } of content.attachments) {
    const part = partOf(entry, name);
    attachments.push({ ...rest, content: part === undefined ? new Uint8Array(0) : await source.readPart(part) });
  }
  return { properties, content: { body: content.body, attachments } };
}

/** What the part `content` says. */
interface StoredContent {
  body: MessageParts['body'];
  attachments: ListedAttachment[];
}

type ListedAttachment = Omit<SourceAttachment, 'content'> & { part: string };

function partOf(entry: ItemEntry, name: string): PartRef | undefined {
  return entry.parts.find((part) => part.name === name);
}

function jsonPart(name: string, value: unknown): PartContent {
  return { name, format: 'bytes', content: Buffer.from(JSON.stringify(value), 'utf8') };
}

/** Parts are written by this file alone and verified against their hash at every read. */
async function readJson<T>(part: PartRef, source: PartSource): Promise<T> {
  return JSON.parse(Buffer.from(await source.readPart(part)).toString('utf8')) as T;
}

function displayAddress(properties: MessageProperties): string {
  const { name, address } = (properties.from ?? properties.sender)?.emailAddress ?? {};
  if (!address) return name ?? '';
  return name && name !== address ? `${name} <${address}>` : address;
}

function isoTime(time: string | null | undefined): string {
  const parsed = Date.parse(time ?? '');
  return Number.isNaN(parsed) ? '' : new Date(parsed).toISOString();
}
