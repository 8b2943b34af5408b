import {
  canonicalContact,
  canonicalEvent,
  canonicalMessage,
  FILE_PARTS,
  MESSAGE_PARTS,
  readMessageContent,
  readProperties,
  readStoredContact,
  readStoredEvent,
  readStoredFile,
  readStoredMessage,
  readUnread,
  type CanonicalEvent,
  type CanonicalOccurrence,
  type DrivePermission,
  type MessageParts,
  type MessageProperties,
} from '@backhaul/engine';
import type { ContactEntry, EventEntry, FileEntry, ItemEntry, MessageEntry, PointReader } from '@backhaul/repository';
import type { z } from 'zod';
import type { ItemDetailsView } from '../item-details.view.ts';
import { itemView } from '../item.view.ts';
import { attachmentViews, imagesOf } from './item-attachments.ts';
import { previewBody } from './preview-body.ts';
import type { InlineImage } from './safe-html.ts';

type Details = z.input<typeof ItemDetailsView>;
type Of<K extends Details['kind']> = Extract<Details, { kind: K }>;

/** A larger message is not taken apart for a preview; its download has everything. */
const MAX_MIME = 64 * 1024 * 1024;
const MAX_PHOTO = 512 * 1024;

/** An item with what a preview shows of it. */
export async function previewItem(point: PointReader, item: ItemEntry, folderPath: string[]): Promise<Details> {
  const unread = await readUnread(item, point);
  const common = { ...itemView(item), folderPath, unreadBecause: unread?.failure.message ?? null };
  switch (item.kind) {
    case 'message':
      return { ...common, message: await messagePreview(point, item, folderPath) } as Of<'message'>;
    case 'contact':
      return { ...common, contact: await contactPreview(point, item) } as Of<'contact'>;
    case 'event':
      return { ...common, event: await eventPreview(point, item, folderPath) } as Of<'event'>;
    case 'file':
      return { ...common, file: await filePreview(point, item) } as Of<'file'>;
  }
}

async function messagePreview(
  point: PointReader,
  item: MessageEntry,
  folderPath: string[],
): Promise<Of<'message'>['message']> {
  const message = await messageParts(point, item);
  if (message === null) return null;
  const { properties, parts, isCut } = message;
  const { body, ...stated } = await canonicalMessage(properties, { body: parts.body, attachments: [] }, folderPath);
  const shown = previewBody(body, imagesOf(parts.attachments));
  return {
    ...stated,
    body: { ...shown, isCut: shown.isCut || isCut },
    attachments: attachmentViews(parts.attachments),
  };
}

async function messageParts(
  point: PointReader,
  item: MessageEntry,
): Promise<{ properties: MessageProperties; parts: MessageParts; isCut: boolean } | null> {
  const mime = item.parts.find(({ name }) => name === MESSAGE_PARTS.mime);
  if (mime !== undefined && mime.length > MAX_MIME) {
    const properties = await readProperties<MessageProperties>(item, point);
    const parts = { body: { contentType: 'text' as const, content: '' }, attachments: [] };
    return properties === null ? null : { properties, parts, isCut: true };
  }
  const message = await readStoredMessage(item, point);
  if (message === null) return null;
  const { properties, content } = message;
  return {
    properties,
    parts: content instanceof Uint8Array ? await readMessageContent(content) : content,
    isCut: false,
  };
}

async function contactPreview(point: PointReader, item: ContactEntry): Promise<Of<'contact'>['contact']> {
  const contact = await readStoredContact(item, point);
  if (contact === null) return null;
  const { fields } = canonicalContact(contact, []);
  return { fields, photo: contact.photo === null ? null : photoAddress(contact.photo) };
}

const PHOTO_TYPES = [
  ['ffd8ff', 'image/jpeg'],
  ['89504e47', 'image/png'],
  ['474946', 'image/gif'],
] as const;

/** Null for what is large, or no image that browsers only draw. */
function photoAddress(photo: Uint8Array): string | null {
  const bytes = Buffer.from(photo.buffer, photo.byteOffset, photo.byteLength);
  const start = bytes.subarray(0, 4).toString('hex');
  const type = PHOTO_TYPES.find(([signature]) => start.startsWith(signature))?.[1];
  return type === undefined || bytes.length > MAX_PHOTO ? null : `data:${type};base64,${bytes.toString('base64')}`;
}

async function eventPreview(point: PointReader, item: EventEntry, folderPath: string[]): Promise<Of<'event'>['event']> {
  const event = await readStoredEvent(item, point);
  if (event === null) return null;
  const attachments = [event, ...event.exceptions].flatMap((one) => one.attachments);
  const images = imagesOf(attachments);
  // Hashes of attachments are made once, for their own list.
  const bare = { ...event, attachments: [], exceptions: event.exceptions.map((one) => ({ ...one, attachments: [] })) };
  const { exceptions, recurrence, ...stated } = await canonicalEvent(bare, folderPath);
  return {
    ...occurrencePreview(stated, images),
    organizer: stated.organizer,
    recurrence: recurrence === null ? null : { pattern: { ...recurrence.pattern }, range: { ...recurrence.range } },
    exceptions: exceptions.map((one) => ({
      originalStart: one.originalStart,
      event: occurrencePreview(one.event, images),
    })),
    cancelled: stated.cancelled,
    attachments: attachmentViews(attachments),
  };
}

function occurrencePreview(
  { body, ...stated }: CanonicalOccurrence | Omit<CanonicalEvent, 'exceptions' | 'recurrence'>,
  images: ReadonlyMap<string, InlineImage>,
) {
  return { ...stated, body: previewBody(body, images) };
}

async function filePreview(point: PointReader, item: FileEntry): Promise<Of<'file'>['file']> {
  const file = await readStoredFile(item, point);
  const content = item.parts.find(({ name }) => name === FILE_PARTS.content);
  if (file === null || content === undefined) return null;
  return {
    mimeType: file.properties.file?.mimeType ?? '',
    sha256: content.sha256,
    versions: file.versions.map(({ id, modifiedAt, size }) => ({ id, modifiedAt, size })),
    permissions: file.permissions.map(permissionPreview),
  };
}

function permissionPreview({ roles, grantedToV2, grantedToIdentitiesV2, link }: DrivePermission) {
  const identities = [grantedToV2, ...(grantedToIdentitiesV2 ?? [])].flatMap((grantees) =>
    Object.values(grantees ?? {}),
  );
  const names = identities.flatMap((identity) => {
    const { displayName, email } = (identity ?? {}) as { displayName?: unknown; email?: unknown };
    return [displayName, email].find((name) => typeof name === 'string') ?? [];
  });
  return {
    roles: roles ?? [],
    grantedTo: names,
    link: link ? [link.scope, link.type].filter((word) => word !== undefined).join(' ') : null,
  };
}
