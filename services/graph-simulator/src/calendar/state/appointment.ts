import type { Address, Attachment, Body } from '../../mail/state/message.ts';
import type { Pattern } from '../time/recurrence.ts';

/*
 * An entry of a calendar. Graph calls it an event; here it is an appointment, as in Outlook's own names, because an event
 * is what happens to the tenant.
 */

export const SHOW_AS = ['unknown', 'free', 'tentative', 'busy', 'oof', 'workingElsewhere'] as const;
export const SENSITIVITIES = ['normal', 'personal', 'private', 'confidential'] as const;
export const IMPORTANCES = ['low', 'normal', 'high'] as const;
export const ATTENDEE_TYPES = ['required', 'optional', 'resource'] as const;
export const RESPONSES = ['none', 'organizer', 'tentativelyAccepted', 'accepted', 'declined', 'notResponded'] as const;

export interface Attendee extends Address {
  type: (typeof ATTENDEE_TYPES)[number];
  response: (typeof RESPONSES)[number];
}

/** A place, by Graph's names and in its forms. */
export type Place = { displayName: string; [more: string]: unknown };

/** What an appointment says. */
export interface AppointmentContent {
  subject: string | null;
  /** Always HTML: the service makes a page of a text when it is posted. */
  body: Body;
  isAllDay: boolean;
  /** `YYYY-MM-DDTHH:MM:SSZ`; of an all-day appointment `YYYY-MM-DD`, in whatever zone one looks at it. */
  start: string;
  end: string;
  /** Zones in which start and end were given. */
  startZone: string;
  endZone: string;
  location: Place;
  locations: Place[];
  showAs: (typeof SHOW_AS)[number];
  sensitivity: (typeof SENSITIVITIES)[number];
  importance: (typeof IMPORTANCES)[number];
  categories: string[];
  isReminderOn: boolean;
  reminderMinutesBeforeStart: number;
  organizer: Address | null;
  attendees: Attendee[];
  /** What the owner of the mailbox has answered; `organizer` for appointments of its own. */
  response: (typeof RESPONSES)[number];
  responseRequested: boolean;
  allowNewTimeProposals: boolean;
  hideAttendees: boolean;
  isOnlineMeeting: boolean;
  joinUrl: string | null;
  isCancelled: boolean;
  attachments: Attachment[];
}

/** How a series repeats, as it was given. */
export interface Recurrence {
  pattern: Pattern;
  range: {
    type: 'endDate' | 'noEnd' | 'numbered';
    /** `YYYY-MM-DD`. */
    startDate: string;
    endDate: string | null;
    numberOfOccurrences: number;
    /** Null: that of the appointment's start. */
    timeZone: string | null;
  };
}

/** An occurrence that differs from its series. What it does not say itself it has of the series. */
export interface SeriesException {
  set: Partial<AppointmentContent>;
  properties: Record<string, string>;
  createdAt: string;
  modifiedAt: string;
  revision: number;
  /** Key for the next attachment; null while it has those of the series. */
  nextAttachment: number | null;
}

/** One state of an appointment or of a whole series; never changed, only replaced by the next. */
export interface AppointmentState {
  /** Key of the calendar. */
  calendar: number;
  content: AppointmentContent;
  recurrence: Recurrence | null;
  /** By the date, in the recurrence's zone, of the occurrence that each replaces. */
  exceptions: Record<string, SeriesException>;
  /** Dates of occurrences that are gone, ascending. */
  cancelled: string[];
  /** 32 hexadecimal digits: the part of the iCalendar id that a series and its occurrences share. */
  uid: string;
  transactionId: string | null;
  /** SHA-256 of the request that made it with this `transactionId`. */
  postedHash: string | null;
  createdAt: string;
  modifiedAt: string;
  /** Rises with each change, also of an exception; the change key is made of it. */
  revision: number;
  /** Named and tagged properties as given, by normal form of their id. */
  properties: Record<string, string>;
  nextAttachment: number;
}

export const CALENDAR_COLORS = [
  'auto',
  'lightBlue',
  'lightGreen',
  'lightOrange',
  'lightGray',
  'lightYellow',
  'lightTeal',
  'lightPink',
  'lightBrown',
  'lightRed',
  'maxColor',
] as const;

/** One state of a calendar. */
export interface CalendarState {
  name: string;
  /** Number of its group. */
  group: number;
  color: (typeof CALENDAR_COLORS)[number];
  isDefault: boolean;
  canEdit: boolean;
  /** Whose calendar it is when it is shared with the mailbox by someone else; null: the mailbox's own. */
  sharedBy: Address | null;
  revision: number;
}
