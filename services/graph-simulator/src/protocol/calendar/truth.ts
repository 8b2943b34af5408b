import type { CanonicalAddress, CanonicalAttachment, CanonicalMessage } from '../mail/truth.ts';

/** The calendars of a mailbox, now or at a mark. */
export interface CalendarTruth {
  /** User id. */
  mailbox: string;
  userPrincipalName: string;
  mark: number;
  calendars: CalendarListTruth[];
  /** Single events and series of the mailbox's own calendars; a series is one entry with its exceptions. */
  events: EventTruth[];
}

export interface CalendarListTruth {
  id: string;
  name: string;
  isDefault: boolean;
  /** False: shared with the mailbox by someone else, and no part of what is protected here. */
  isOwn: boolean;
}

export interface EventTruth {
  /** Immutable id. */
  id: string;
  calendarId: string;
  /** Differs after any change, also of an exception. */
  changeKey: string;
  type: 'singleInstance' | 'seriesMaster';
  canonicalHash: string;
  canonical?: CanonicalEvent;
}

/** See `docs/canonical-form.md`. */
export interface CanonicalEvent extends CanonicalOccurrence {
  folderPath: string[];
  recurrence: CanonicalRecurrence | null;
  organizer: CanonicalAddress | null;
  exceptions: { originalStart: string; event: CanonicalOccurrence }[];
  cancelled: string[];
}

/** What of an event an exception has as well. */
export interface CanonicalOccurrence {
  subject: string;
  body: CanonicalMessage['body'];
  start: string | null;
  end: string | null;
  isAllDay: boolean;
  timeZone: string;
  location: string;
  showAs: string;
  sensitivity: string;
  importance: string;
  categories: string[];
  isReminderOn: boolean;
  reminderMinutesBeforeStart: number;
  attendees: { name: string; address: string; type: string; response: string }[];
  attachments: CanonicalAttachment[];
}

export interface CanonicalRecurrence {
  pattern: {
    type: string;
    interval: number;
    daysOfWeek?: string[];
    dayOfMonth?: number;
    month?: number;
    index?: string;
    firstDayOfWeek?: string;
  };
  range: { type: string; startDate: string; endDate?: string; numberOfOccurrences?: number; timeZone: string };
}
