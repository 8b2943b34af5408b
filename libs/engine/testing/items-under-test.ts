import type { CalendarSource, EventProperties } from '../src/calendar-source.ts';
import type { ContactProperties, ContactSource } from '../src/contact-source.ts';
import type { ItemProperties, ItemSource } from '../src/item-source.ts';
import type { SourceAttachment } from '../src/mail-source.ts';

/**
 * Folders and items of one kind seen by the source under test, and what their owner and fate do to them. Its methods do not
 * go through the source.
 */
export interface ItemsUnderTest<S extends ItemSource<ItemProperties> = ItemSource<ItemProperties>> {
  source: S;
  /** Well-known name of a folder that is there from the start, without items. */
  standardFolder: string;
  /** A folder at the top; returns its id. */
  addFolder(name: string): Promise<string>;
  renameFolder(id: string, name: string): Promise<void>;
  removeFolder(id: string): Promise<void>;
  /** Puts an item into a folder; returns its id. */
  addItem(folderId: string): Promise<string>;
  changeItem(id: string): Promise<void>;
  removeItem(id: string): Promise<void>;
  /** The next walks give their lists in pages that are smaller than this many entries. */
  givePagesBelow(entries: number): Promise<void>;
  /** Every cursor and page link given out so far is forgotten. */
  expireCursors(): Promise<void>;
  close(): Promise<void>;
}

/** Contacts: their folders nest, and they may have photos. */
export interface ContactsUnderTest extends ItemsUnderTest<ContactSource> {
  /** A folder below another one; returns its id. */
  addFolderBelow(parentId: string, name: string): Promise<string>;
  addContact(folderId: string, properties: Partial<ContactProperties>, photo?: Uint8Array): Promise<string>;
}

/** What a suite gives of an event; what it leaves out is of no matter to it. */
export interface GivenEvent {
  properties: Pick<EventProperties, 'subject' | 'start' | 'end' | 'body' | 'isAllDay' | 'location' | 'recurrence'>;
  attachments?: SourceAttachment[];
}

/** Calendars: some are another's, and events may be series. */
export interface CalendarUnderTest extends ItemsUnderTest<CalendarSource> {
  /** Puts an event, or with a recurrence a series, into a calendar, made in the zone of its start; returns its id. */
  addEvent(calendarId: string, event: GivenEvent): Promise<string>;
  /** The occurrence of a series on this date (`YYYY-MM-DD` in its zone) gets another subject. */
  changeOccurrence(seriesId: string, date: string, subject: string): Promise<void>;
  cancelOccurrence(seriesId: string, date: string): Promise<void>;
}
