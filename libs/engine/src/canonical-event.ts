import type { EventProperties, Recurrence, SourceException, ZonedTime } from './calendar-source.ts';
import { canonicalAttachments, type CanonicalAttachment } from './canonical-attachments.ts';
import {
  canonicalCategories,
  canonicalName,
  canonicalRecipients,
  canonicalText,
  canonicalTime,
  sortedByJson,
  type CanonicalAddress,
  type CanonicalBody,
} from './canonical-texts.ts';
import type { SourceAttachment } from './mail-source.ts';
import type { StoredEvent } from './stored-event.ts';
import { utcTime } from './zoned-time.ts';

/** An event in the form in which two copies are compared; `docs/canonical-form.md` is the specification. */
export interface CanonicalEvent {
  folderPath: string[];
  subject: string;
  body: CanonicalBody;
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
  recurrence: CanonicalRecurrence | null;
  organizer: CanonicalAddress | null;
  attendees: CanonicalAttendee[];
  attachments: CanonicalAttachment[];
  exceptions: { originalStart: string; event: CanonicalOccurrence }[];
  cancelled: string[];
}

/** A changed occurrence of a series. */
export type CanonicalOccurrence = Omit<
  CanonicalEvent,
  'folderPath' | 'recurrence' | 'organizer' | 'exceptions' | 'cancelled'
>;

export interface CanonicalAttendee extends CanonicalAddress {
  type: string;
  response: string;
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

/** The canonical form of an event, a whole series included; `folderPath` holds the calendar's name. */
export async function canonicalEvent(event: StoredEvent, folderPath: string[]): Promise<CanonicalEvent> {
  const { properties, attachments } = event;
  const { attendees, attachments: attached, ...stated } = await canonicalOccurrence(properties, attachments);
  return {
    folderPath: [...folderPath],
    ...stated,
    recurrence: canonicalRecurrence(properties.recurrence, stated.timeZone),
    organizer: canonicalRecipients([properties.organizer ?? null])[0] ?? null,
    attendees,
    attachments: attached,
    exceptions: await canonicalExceptions(event.exceptions),
    cancelled: (properties.cancelledOccurrences ?? []).flatMap((id) => CANCELLED_DATE.exec(id ?? '')?.[0] ?? []).sort(),
  };
}

/** At the end of the id of a cancelled occurrence. */
const CANCELLED_DATE = /\d{4}-\d{2}-\d{2}$/;

async function canonicalOccurrence(
  properties: EventProperties,
  attachments: readonly SourceAttachment[],
): Promise<CanonicalOccurrence> {
  const isAllDay = properties.isAllDay ?? false;
  const isReminderOn = properties.isReminderOn ?? false;
  return {
    subject: canonicalName(properties.subject ?? ''),
    body: canonicalBody(properties.body),
    start: canonicalMoment(properties.start, isAllDay),
    end: canonicalMoment(properties.end, isAllDay),
    isAllDay,
    timeZone: properties.originalStartTimeZone || 'UTC',
    location: canonicalName(properties.location?.displayName ?? ''),
    showAs: properties.showAs ?? 'busy',
    sensitivity: properties.sensitivity ?? 'normal',
    importance: properties.importance ?? 'normal',
    categories: canonicalCategories(properties.categories),
    isReminderOn,
    reminderMinutesBeforeStart: isReminderOn ? (properties.reminderMinutesBeforeStart ?? 0) : 0,
    attendees: canonicalAttendees(properties.attendees),
    attachments: await canonicalAttachments(attachments),
  };
}

async function canonicalExceptions(exceptions: readonly SourceException[]): Promise<CanonicalEvent['exceptions']> {
  const forms = await Promise.all(
    exceptions.map(async ({ originalStart, properties, attachments }) => ({
      originalStart: canonicalTime(originalStart) ?? '',
      event: await canonicalOccurrence(properties, attachments),
    })),
  );
  return forms.sort((a, b) => (a.originalStart < b.originalStart ? -1 : a.originalStart > b.originalStart ? 1 : 0));
}

function canonicalBody(body: EventProperties['body']): CanonicalBody {
  const type = body?.contentType === 'html' ? 'html' : 'text';
  return { type, text: canonicalText(body?.content ?? '') };
}

/** An all-day event has dates, whatever the zone. */
function canonicalMoment(time: ZonedTime | null | undefined, isAllDay: boolean): string | null {
  if (isAllDay) return /^\d{4}-\d{2}-\d{2}/.exec(time?.dateTime ?? '')?.[0] ?? null;
  return canonicalTime(utcTime(time)?.toISOString());
}

function canonicalAttendees(attendees: EventProperties['attendees']): CanonicalAttendee[] {
  const forms = (attendees ?? []).flatMap((attendee) =>
    canonicalRecipients([attendee]).map((address) => ({
      ...address,
      type: attendee?.type ?? 'required',
      response: attendee?.status?.response ?? 'none',
    })),
  );
  return sortedByJson(forms);
}

const WEEK = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

function canonicalRecurrence(recurrence: Recurrence | null | undefined, eventZone: string): CanonicalRecurrence | null {
  const { pattern, range } = recurrence ?? {};
  if (!pattern || !range) return null;
  const type = pattern.type ?? '';
  const uses = (...types: string[]) => types.includes(type);
  const rangeType = range.type ?? '';
  return {
    pattern: {
      type,
      interval: pattern.interval ?? 1,
      ...(uses('weekly', 'relativeMonthly', 'relativeYearly') && { daysOfWeek: sortedDays(pattern.daysOfWeek) }),
      ...(uses('absoluteMonthly', 'absoluteYearly') && { dayOfMonth: pattern.dayOfMonth ?? 0 }),
      ...(uses('absoluteYearly', 'relativeYearly') && { month: pattern.month ?? 0 }),
      ...(uses('relativeMonthly', 'relativeYearly') && { index: pattern.index ?? 'first' }),
      ...(uses('weekly') && { firstDayOfWeek: pattern.firstDayOfWeek ?? 'sunday' }),
    },
    range: {
      type: rangeType,
      startDate: range.startDate ?? '',
      ...(rangeType === 'endDate' && { endDate: range.endDate ?? '' }),
      ...(rangeType === 'numbered' && { numberOfOccurrences: range.numberOfOccurrences ?? 0 }),
      timeZone: range.recurrenceTimeZone || eventZone,
    },
  };
}

function sortedDays(days: readonly (string | null)[] | null | undefined): string[] {
  return WEEK.filter((day) => days?.includes(day));
}
