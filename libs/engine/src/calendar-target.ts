import type { EventProperties, ListedEvent, SourceEvent, ZonedTime } from './calendar-source.ts';
import type { AttachmentToCreate, ItemTarget, RestoreMark } from './item-target.ts';
import type { SourceAttachment } from './mail-source.ts';

/**
 * PORT: where events are restored to. Its folders are calendars, which do not nest. Nothing here can have attendees: with
 * them Microsoft would send invitations, and there is no way to ask it not to.
 */
export interface CalendarTarget extends ItemTarget {
  /** Events and series of a calendar with this subject and start, and the one with this id if it is there. */
  findTwins(calendarId: string, of: EventQuery, signal: AbortSignal): Promise<ListedEvent[]>;

  /** An event with all that belongs to it, its times in `timeZone`, as a source gives it; null when it is not there. */
  event(eventId: string, timeZone: string, signal: AbortSignal): Promise<SourceEvent | null>;

  /**
   * Creates a single event or a series without its exceptions. When the answer is lost the adapter does not repeat the call
   * but throws `unavailable`; the caller looks for the mark.
   * @throws Failure `conflict` when there is, or was, an event with this transaction id already
   */
  create(calendarId: string, event: EventToCreate, signal: AbortSignal): Promise<{ id: string }>;

  /** The occurrences of a series that start within this time, each with its start in `timeZone`. */
  occurrences(seriesId: string, within: TimeRange, timeZone: string, signal: AbortSignal): Promise<Occurrence[]>;

  /**
   * Makes an occurrence an exception, which may get another id by it; repeating it does no harm.
   * @throws Failure `invalid-input` when Microsoft refuses it
   */
  changeOccurrence(occurrenceId: string, fields: EventFields, signal: AbortSignal): Promise<{ id: string }>;

  /** Cancels an occurrence. Cancelling what is gone succeeds. */
  cancelOccurrence(occurrenceId: string, signal: AbortSignal): Promise<void>;

  /** Adds one attachment; above 3 MB by an upload session. @throws Failure `invalid-input` when Microsoft refuses it. */
  attach(eventId: string, attachment: AttachmentToCreate, signal: AbortSignal): Promise<void>;

  /** What is attached to an event or an occurrence. */
  attachments(eventId: string, signal: AbortSignal): Promise<AttachedHere[]>;

  /** Removes an attachment. Removing what is gone succeeds. */
  detach(eventId: string, attachmentId: string, signal: AbortSignal): Promise<void>;
}

export interface EventQuery {
  subject: string;
  start: ZonedTime | null;
  /** Only the date of `start` counts: services differ in when a whole day begins. */
  isAllDay: boolean;
  /** The id it had when it was backed up, where it may still be in its place; else null. */
  id: string | null;
}

/** What can be said of an event that is created or of an occurrence that is changed. Never people: see the port. */
export type EventFields = Pick<
  EventProperties,
  | 'subject'
  | 'body'
  | 'start'
  | 'end'
  | 'isAllDay'
  | 'location'
  | 'locations'
  | 'recurrence'
  | 'categories'
  | 'importance'
  | 'sensitivity'
  | 'showAs'
  | 'isReminderOn'
  | 'reminderMinutesBeforeStart'
  | 'responseRequested'
  | 'allowNewTimeProposals'
>;

export interface EventToCreate {
  fields: EventFields;
  /** The service makes one event for all requests with the same; up to 64 characters. */
  transactionId: string;
  mark: RestoreMark;
}

/** From … to, ISO 8601 UTC. */
export interface TimeRange {
  from: string;
  to: string;
}

/** One occurrence of a series in the target. */
export interface Occurrence {
  id: string;
  /** It has been changed already. */
  isException: boolean;
  /** In the time zone that was asked for. */
  start: ZonedTime;
  /** When it would start by the series, ISO 8601 UTC; null where the service does not say. */
  originalStart: string | null;
}

export type AttachedHere = SourceAttachment & { id: string };
