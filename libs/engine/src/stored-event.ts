import type { ItemEntry, ItemListing, PartContent } from '@backhaul/repository';
import type { EventProperties, ListedEvent, SourceEvent, SourceException } from './calendar-source.ts';
import type { SourceAttachment } from './mail-source.ts';
import { attachmentParts, listAttachments, readAttachments, type ListedAttachment } from './stored-attachments.ts';
import {
  displayAddress,
  ITEM_PARTS,
  jsonPart,
  partOf,
  readJson,
  readProperties,
  type PartSource,
} from './stored-item.ts';
import { utcTime } from './zoned-time.ts';

/**
 * What an event consists of in a recovery point, as named parts, besides those of every item (`properties` of an event has
 * body, attendees, recurrence and cancelled occurrences; its times are in the zone it was made in):
 *
 * - `exceptions`: JSON, the changed occurrences of a series, where there are any, with lists of their attachments;
 * - `attachments`: JSON, the list of attachments, where there are any;
 * - `attachment-0` …, and `exception-0-attachment-0` … of the first exception: their bytes.
 */
export const EVENT_PARTS = { ...ITEM_PARTS, exceptions: 'exceptions', attachments: 'attachments' } as const;

/** An event as it is read back from a point: as the source gave it. */
export type StoredEvent = SourceEvent;

/** What a point lists of an event, from Microsoft's JSON. */
export function eventEntry(properties: ListedEvent, containerId: string): ItemListing {
  return {
    type: 'item',
    kind: 'event',
    containerId,
    id: properties.id,
    changeKey: properties.changeKey,
    subject: properties.subject ?? '',
    organizer: displayAddress(properties.organizer),
    startsAt: utcTime(properties.start)?.toISOString() ?? '',
    endsAt: utcTime(properties.end)?.toISOString() ?? '',
    isSeries: properties.type === 'seriesMaster',
    hasAttachments: properties.hasAttachments ?? false,
  };
}

/** The parts to store of an event that could be read. */
export function eventParts({ properties, attachments, exceptions }: SourceEvent): PartContent[] {
  const listed = exceptions.map((exception, index) => ({
    ...exception,
    attachments: listAttachments(exception.attachments, attachmentName(index)),
  })) satisfies StoredException[];
  return [
    jsonPart(EVENT_PARTS.properties, properties),
    ...(exceptions.length === 0 ? [] : [jsonPart(EVENT_PARTS.exceptions, listed)]),
    ...(attachments.length === 0 ? [] : [jsonPart(EVENT_PARTS.attachments, listAttachments(attachments))]),
    ...attachmentParts(attachments),
    ...exceptions.flatMap((exception, index) => attachmentParts(exception.attachments, attachmentName(index))),
  ];
}

/** The event of an entry; null when no version of it could ever be read. */
export async function readStoredEvent(entry: ItemEntry, source: PartSource): Promise<StoredEvent | null> {
  const properties = await readProperties<EventProperties>(entry, source);
  if (properties === null) return null;
  const exceptions: SourceException[] = [];
  for (const exception of await readList<StoredException>(EVENT_PARTS.exceptions, entry, source)) {
    exceptions.push({ ...exception, attachments: await readAttachments(exception.attachments, entry, source) });
  }
  const listed = await readList<ListedAttachment>(EVENT_PARTS.attachments, entry, source);
  const attachments: SourceAttachment[] = await readAttachments(listed, entry, source);
  return { properties, attachments, exceptions };
}

/** One element of the part `exceptions`. */
type StoredException = Omit<SourceException, 'attachments'> & { attachments: ListedAttachment[] };

function attachmentName(exception: number): string {
  return `exception-${exception}-attachment`;
}

async function readList<T>(name: string, entry: ItemEntry, source: PartSource): Promise<T[]> {
  const part = partOf(entry, name);
  return part === undefined ? [] : readJson<T[]>(part, source);
}
