import type { ItemProperties, ItemSource } from './item-source.ts';
import type { Recipient, SourceAttachment } from './mail-source.ts';

/**
 * PORT: where a mailbox's calendars are read from. An item is a single event, or a whole series with its exceptions.
 * Calendars that somebody else shares with the mailbox are left out: their events belong to the owner's mailbox.
 *
 * What is listed of an event says which it is and whether it has changed; the whole is asked for by itself. The change key
 * of a series does not always alter with its exceptions: `changes` names such a series in `touched`.
 */
export interface CalendarSource extends ItemSource<ListedEvent> {
  /**
   * An event with all that belongs to it, its times in `timeZone` (by Windows' name, as `originalStartTimeZone` gives it;
   * in UTC where Microsoft does not know the zone).
   * @throws Failure `not-found` when it is gone meanwhile; `unreadable` when Microsoft cannot deliver it.
   */
  event(eventId: string, timeZone: string, signal: AbortSignal): Promise<SourceEvent>;
}

/** What is listed of an event: the fields of {@link LISTED_EVENT_FIELDS}. */
export interface ListedEvent extends ItemProperties {
  type?: EventType | null;
  subject?: string | null;
  start?: ZonedTime | null;
  end?: ZonedTime | null;
  originalStartTimeZone?: string | null;
  organizer?: Recipient | null;
  hasAttachments?: boolean | null;
}

/** `seriesMaster` stands for its series; `occurrence` and `exception` are parts of one and no items. */
export type EventType = 'singleInstance' | 'seriesMaster' | 'exception' | 'occurrence';

/** A local time and the zone it is meant in. */
export interface ZonedTime {
  /** `YYYY-MM-DDTHH:MM:SS.fffffff`, without offset. */
  dateTime: string;
  /** Windows' name, an IANA name, or `UTC`. */
  timeZone: string;
}

/** An event as the source gives it whole. */
export interface SourceEvent {
  properties: EventProperties;
  attachments: SourceAttachment[];
  /** Changed occurrences of a series, in no particular order. */
  exceptions: SourceException[];
}

/** An occurrence of a series that differs from it. */
export interface SourceException {
  /** The start of the occurrence it replaces, ISO 8601 UTC. */
  originalStart: string;
  properties: EventProperties;
  attachments: SourceAttachment[];
}

/** The JSON of an event: the fields of {@link EVENT_FIELDS} as Microsoft gave them. */
export interface EventProperties extends ListedEvent {
  createdDateTime?: string | null;
  lastModifiedDateTime?: string | null;
  iCalUId?: string | null;
  body?: { contentType?: string | null; content?: string | null } | null;
  isAllDay?: boolean | null;
  isCancelled?: boolean | null;
  isDraft?: boolean | null;
  isOrganizer?: boolean | null;
  location?: EventLocation | null;
  locations?: (EventLocation | null)[] | null;
  recurrence?: Recurrence | null;
  attendees?: (Attendee | null)[] | null;
  responseStatus?: { response?: string | null; time?: string | null } | null;
  categories?: (string | null)[] | null;
  importance?: string | null;
  sensitivity?: string | null;
  showAs?: string | null;
  isReminderOn?: boolean | null;
  reminderMinutesBeforeStart?: number | null;
  originalEndTimeZone?: string | null;
  originalStart?: string | null;
  seriesMasterId?: string | null;
  responseRequested?: boolean | null;
  allowNewTimeProposals?: boolean | null;
  hideAttendees?: boolean | null;
  isOnlineMeeting?: boolean | null;
  onlineMeetingProvider?: string | null;
  onlineMeeting?: { joinUrl?: string | null; [key: string]: unknown } | null;
  onlineMeetingUrl?: string | null;
  transactionId?: string | null;
  webLink?: string | null;
  /** Of a series: `OID.<id of the series>.<yyyy-mm-dd>`, the date in the recurrence's time zone. */
  cancelledOccurrences?: (string | null)[] | null;
}

export interface EventLocation {
  displayName?: string | null;
  [key: string]: unknown;
}

export interface Attendee extends Recipient {
  type?: string | null;
  status?: { response?: string | null; time?: string | null } | null;
}

/** Microsoft's form of a recurrence. */
export interface Recurrence {
  pattern?: {
    type?: string | null;
    interval?: number | null;
    daysOfWeek?: (string | null)[] | null;
    dayOfMonth?: number | null;
    month?: number | null;
    index?: string | null;
    firstDayOfWeek?: string | null;
  } | null;
  range?: {
    type?: string | null;
    startDate?: string | null;
    endDate?: string | null;
    numberOfOccurrences?: number | null;
    recurrenceTimeZone?: string | null;
  } | null;
}

/** What is asked for in a list of events; a change of this list changes the cursor's scope. */
export const LISTED_EVENT_FIELDS = [
  'id',
  'changeKey',
  'type',
  'subject',
  'start',
  'end',
  'originalStartTimeZone',
  'organizer',
  'hasAttachments',
] as const;

/** What is asked for and stored of every event besides its exceptions and attachments. */
export const EVENT_FIELDS = [
  ...LISTED_EVENT_FIELDS,
  'createdDateTime',
  'lastModifiedDateTime',
  'iCalUId',
  'body',
  'isAllDay',
  'isCancelled',
  'isDraft',
  'isOrganizer',
  'location',
  'locations',
  'recurrence',
  'attendees',
  'responseStatus',
  'categories',
  'importance',
  'sensitivity',
  'showAs',
  'isReminderOn',
  'reminderMinutesBeforeStart',
  'originalEndTimeZone',
  'originalStart',
  'seriesMasterId',
  'responseRequested',
  'allowNewTimeProposals',
  'hideAttendees',
  'isOnlineMeeting',
  'onlineMeetingProvider',
  'onlineMeeting',
  'onlineMeetingUrl',
  'transactionId',
] as const;
