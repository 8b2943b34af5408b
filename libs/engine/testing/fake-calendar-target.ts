import { Failure, isFailure } from '@backhaul/domain';
import type { SourceException, ZonedTime } from '../src/calendar-source.ts';
import type { CalendarTarget, EventFields, EventQuery, Occurrence } from '../src/calendar-target.ts';
import type { SourceAttachment } from '../src/mail-source.ts';
import { utcTime } from '../src/zoned-time.ts';
import { recipient } from './builders.ts';
import { attachmentOf } from './fake-attachments.ts';
import { fakeCalendarSource } from './fake-calendar-source.ts';
import { fakeItemTarget, itemAt, itemsIn } from './fake-item-target.ts';
import type { FakeEvent, FakeMailbox } from './fake-mailbox.ts';
import { patternOccurrences, type PatternOccurrence } from './fake-series.ts';
import { notFound } from './fake-walk.ts';

const DAY_MS = 86_400_000;

/** Transaction ids that were used in a mailbox, also by events that are gone. */
const transactions = new WeakMap<FakeMailbox, Set<string>>();

/**
 * The mailbox as a restore of events writes it. Occurrences have ids of their series and date; one that becomes an exception
 * gets another id and what is attached to the series, as in Exchange.
 * @param readOnly calendars that take no events
 */
export function fakeCalendarTarget(mailbox: FakeMailbox, readOnly: readonly string[] = []): CalendarTarget {
  const { calendar } = mailbox;
  const held = (id: string) => holderOf(mailbox, id);
  return {
    ...fakeItemTarget(mailbox, calendar, 'calendars', readOnly),
    findTwins: (calendarId, of, signal) =>
      mailbox.answer('findTwins', calendarId, signal, () =>
        itemsIn(calendar, calendarId)
          .map(({ properties }) => structuredClone(properties))
          .filter(({ id, subject, start }) => id === of.id || (subject === of.subject && isSameStart(start, of))),
      ),
    event: (id, timeZone, signal) => fakeCalendarSource(mailbox).event(id, timeZone, signal).catch(nullIfGone),
    create: (calendarId, { fields, transactionId, mark }, signal) =>
      mailbox.answer('create', calendarId, signal, () => {
        itemsIn(calendar, calendarId);
        const used = transactions.get(mailbox) ?? new Set();
        if (used.has(transactionId)) throw usedBefore();
        transactions.set(mailbox, used.add(transactionId));
        const made = mailbox.addEvent(calendarId, asOwner(fields), { mark: { ...mark } });
        return { id: made.properties.id };
      }),
    occurrences: (seriesId, { from, to }, timeZone, signal) =>
      mailbox.answer('occurrences', seriesId, signal, () => {
        const series = itemAt(calendar, seriesId);
        return patternOccurrences(series.properties, from, to).flatMap((one) => occurrenceOf(series, one, timeZone));
      }),
    changeOccurrence: (id, fields, signal) =>
      mailbox.answer('changeOccurrence', id, signal, () => ({ id: changeOccurrence(mailbox, id, fields) })),
    cancelOccurrence: (id, signal) =>
      mailbox.answer('cancelOccurrence', id, signal, () => {
        const { series, date } = partsOf(mailbox, id);
        const { cancelledOccurrences } = series.properties;
        const cancelled = new Set([...(cancelledOccurrences ?? []), `OID.${series.properties.id}.${date}`]);
        series.properties = { ...series.properties, cancelledOccurrences: [...cancelled] };
      }),
    attach: (id, attachment, signal) =>
      mailbox.answer('attach', id, signal, () => {
        const holder = held(id);
        holder.attachments = [...holder.attachments, attachmentOf(attachment)];
        holder.properties = { ...holder.properties, hasAttachments: true };
      }),
    attachments: (id, signal) =>
      mailbox.answer('attachments', id, signal, () =>
        held(id).attachments.map((attachment, index) => ({ ...attachment, id: attachmentId(attachment, index) })),
      ),
    detach: (id, attachment, signal) =>
      mailbox.answer('detach', id, signal, () => {
        const holder = held(id);
        holder.attachments = holder.attachments.filter((one, index) => attachmentId(one, index) !== attachment);
      }),
  };
}

function isSameStart(start: ZonedTime | null | undefined, of: EventQuery): boolean {
  if (of.isAllDay) return start?.dateTime.slice(0, 10) === of.start?.dateTime.slice(0, 10);
  return utcTime(start)?.getTime() === utcTime(of.start)?.getTime();
}

/** What is created belongs to the owner of the mailbox, and nobody else has to do with it. */
function asOwner(fields: EventFields) {
  return {
    ...structuredClone(fields),
    originalStartTimeZone: fields.start?.timeZone ?? 'UTC',
    organizer: recipient('Owner <owner@example.com>'),
    isOrganizer: true,
    attendees: [],
  };
}

function occurrenceOf(series: FakeEvent, one: PatternOccurrence, timeZone: string): Occurrence[] {
  const { id, cancelledOccurrences } = series.properties;
  if ((cancelledOccurrences ?? []).includes(`OID.${id}.${one.date}`)) return [];
  const exception = exceptionAt(series, one.startsAt);
  const start = exception?.properties.start ?? one.start;
  return [
    {
      id: exception?.properties.id ?? `${id}/${one.date}`,
      isException: exception !== undefined,
      start: timeInZone(start, timeZone),
      originalStart: one.startsAt,
    },
  ];
}

/** The fake knows times in the zone of the series and in UTC. */
function timeInZone(time: ZonedTime, timeZone: string): ZonedTime {
  if (time.timeZone === timeZone) return time;
  if (timeZone !== 'UTC') throw new Error(`The series is in ${time.timeZone}, not in ${timeZone}.`);
  return { dateTime: utcTime(time)?.toISOString().slice(0, -1) ?? '', timeZone };
}

function changeOccurrence(mailbox: FakeMailbox, occurrenceId: string, fields: EventFields): string {
  const { series, date } = partsOf(mailbox, occurrenceId);
  const midnight = Date.parse(`${date}T00:00:00Z`);
  const [from, to] = [midnight - DAY_MS, midnight + 2 * DAY_MS].map((at) => new Date(at).toISOString());
  const near = patternOccurrences(series.properties, from ?? '', to ?? '');
  const occurrence = near.find((one) => one.date === date);
  if (occurrence === undefined) throw notFound('occurrence', occurrenceId);
  const there = exceptionAt(series, occurrence.startsAt);
  const id = there?.properties.id ?? `${series.properties.id}/${date}/changed`;
  const made: SourceException = {
    originalStart: occurrence.startsAt,
    properties: { id, changeKey: `key-${mailbox.calendar.next()}`, type: 'exception', ...asOwner(fields) },
    attachments: there?.attachments ?? [...series.attachments],
  };
  series.exceptions = [...series.exceptions.filter((one) => one !== there), made];
  return id;
}

function exceptionAt(series: FakeEvent, originalStart: string): SourceException | undefined {
  const at = Date.parse(originalStart);
  return series.exceptions.find((exception) => Date.parse(exception.originalStart) === at);
}

/** `<series>/<date>` or `<series>/<date>/changed`. */
function partsOf({ calendar }: FakeMailbox, occurrenceId: string): { series: FakeEvent; date: string } {
  const [seriesId = '', date = ''] = occurrenceId.split('/');
  return { series: itemAt(calendar, seriesId), date };
}

/** An event, or an exception of a series. */
function holderOf(mailbox: FakeMailbox, id: string): FakeEvent | SourceException {
  if (mailbox.calendar.items.has(id)) return mailbox.calendar.item(id);
  const exception = [...mailbox.calendar.items.values()]
    .flatMap(({ exceptions }) => exceptions)
    .find(({ properties }) => properties.id === id);
  if (exception === undefined) throw notFound('event', id);
  return exception;
}

function attachmentId({ name }: SourceAttachment, index: number): string {
  return `${index}/${name}`;
}

function nullIfGone(error: unknown): null {
  if (isFailure(error, 'not-found')) return null;
  throw error;
}

function usedBefore(): Failure {
  const message = 'There was an event with this transaction id.';
  return new Failure('conflict', { code: 'fake.transaction-used', message, retry: 'never' });
}
