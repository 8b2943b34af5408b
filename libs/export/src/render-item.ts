import { Failure } from '@backhaul/domain';
import {
  FILE_PARTS,
  MESSAGE_PARTS,
  readProperties,
  readStoredContact,
  readStoredEvent,
  readStoredMessage,
  readUnread,
  readVersionList,
  type MessageProperties,
} from '@backhaul/engine';
import type {
  ContactEntry,
  EventEntry,
  FileEntry,
  ItemEntry,
  MessageEntry,
  PartRef,
  PointReader,
} from '@backhaul/repository';
import { eventCalendar } from './calendar/calendar-file.ts';
import { contactCard } from './contacts/vcard.ts';
import { composeMessage } from './mail/compose-message.ts';

/** Larger content is passed on piece by piece. What is smaller is read and proven whole before anything of it is written. */
const MAX_WHOLE_BYTES = 4 * 1024 * 1024;

export type Content = Uint8Array | AsyncIterable<Uint8Array>;

/** An item in a file format of its own. */
export interface Rendered {
  content: Content;
  /** What the content is, where it is stored as it is exported. */
  known: { sha256: string; length: number } | null;
  /** Files that belong to it and lie beside its own; their names are not safe. */
  beside: { name: string; content: Content }[];
  /** What is not the newest state, or what the format cannot hold; a sentence each. */
  notes: string[];
}

/**
 * An item as a file: a message as EML (as it was delivered where it was delivered as MIME, else put together from its
 * parts), a contact as vCard, an event as iCalendar, a file as it is.
 * @throws Failure `not-found` when no version of it was ever read, and what the repository throws.
 */
export async function renderItem(
  point: PointReader,
  item: ItemEntry,
  options: { fileVersions: boolean },
): Promise<Rendered> {
  const rendered = await renderKind(point, item, options);
  if (rendered === null) throw await neverRead(point, item);
  return { ...rendered, notes: [...(await notesOfState(point, item)), ...rendered.notes] };
}

/** Says, where it is so, that the point does not hold all of the item's newest state, and why. */
export async function notesOfState(point: PointReader, item: ItemEntry): Promise<string[]> {
  const unread = await readUnread(item, point);
  if (unread === null) return [];
  const state = unread.isPartial === true ? 'Some of it is missing' : 'This is an older version';
  return [`${state}: ${unread.failure.message}`];
}

/** Why there is nothing to export of an item. */
export async function neverRead(point: PointReader, item: ItemEntry): Promise<Failure> {
  const reason = (await readUnread(item, point))?.failure.message;
  return new Failure('not-found', {
    code: 'item.never-read',
    message: `No version of it could ever be read${reason === undefined ? '.' : `: ${reason}`}`,
    hint: 'Export it from an older or a later point.',
    retry: 'never',
  });
}

function renderKind(
  point: PointReader,
  item: ItemEntry,
  { fileVersions }: { fileVersions: boolean },
): Promise<Rendered | null> {
  switch (item.kind) {
    case 'message':
      return renderMessage(point, item);
    case 'contact':
      return renderContact(point, item);
    case 'event':
      return renderEvent(point, item);
    case 'file':
      return renderFile(point, item, fileVersions);
  }
}

async function renderMessage(point: PointReader, item: MessageEntry): Promise<Rendered | null> {
  const mime = item.parts.find(({ name }) => name === MESSAGE_PARTS.mime);
  if (mime !== undefined) return { ...(await stored(point, mime)), beside: [], notes: [] };
  const message = await readStoredMessage(item, point);
  if (message === null || message.content instanceof Uint8Array) return null;
  const { content, losses } = await composeMessage(message.properties, message.content);
  const notes = ['Microsoft could not deliver it as MIME; it was put together from its parts.', ...losses];
  return { content, known: null, beside: [], notes };
}

async function renderContact(point: PointReader, item: ContactEntry): Promise<Rendered | null> {
  const contact = await readStoredContact(item, point);
  return contact === null ? null : { content: Buffer.from(contactCard(contact)), known: null, beside: [], notes: [] };
}

async function renderEvent(point: PointReader, item: EventEntry): Promise<Rendered | null> {
  const event = await readStoredEvent(item, point);
  if (event === null) return null;
  const { text, beside, losses } = eventCalendar(event);
  return { content: Buffer.from(text), known: null, beside, notes: losses };
}

async function renderFile(point: PointReader, item: FileEntry, withVersions: boolean): Promise<Rendered | null> {
  const part = item.parts.find(({ name }) => name === FILE_PARTS.content);
  if (part === undefined) return null;
  const beside: Rendered['beside'] = [];
  const notes: string[] = [];
  for (const version of withVersions ? ((await readVersionList(item, point)) ?? []) : []) {
    const content = item.parts.find(({ name }) => name === version.part);
    if (content === undefined) notes.push(`Version ${version.id} is not in the point.`);
    else beside.push({ name: versionName(item.name, version), content: point.streamPart(content) });
  }
  return { ...(await stored(point, part)), beside, notes };
}

/** `Plan (version 3.0, 2026-01-02).docx` */
function versionName(name: string, { id, modifiedAt }: { id: string; modifiedAt: string }): string {
  const dot = name.lastIndexOf('.') > 0 ? name.lastIndexOf('.') : name.length;
  return `${name.slice(0, dot)} (version ${id}, ${modifiedAt.slice(0, 10)})${name.slice(dot)}`;
}

async function stored(point: PointReader, part: PartRef): Promise<Pick<Rendered, 'content' | 'known'>> {
  const { sha256, length } = part;
  const content = length <= MAX_WHOLE_BYTES ? await point.readPart(part) : point.streamPart(part);
  return { content, known: { sha256, length } };
}

/** What an MBOX says before a message: who sent it, and when it came. */
export async function envelopeOf(
  point: PointReader,
  item: MessageEntry,
): Promise<{ sender: string; receivedAt: Date }> {
  const properties = await readProperties<MessageProperties>(item, point);
  const received = Date.parse(item.receivedAt);
  return {
    sender: (properties?.sender ?? properties?.from)?.emailAddress?.address ?? '',
    receivedAt: new Date(Number.isNaN(received) ? 0 : received),
  };
}
