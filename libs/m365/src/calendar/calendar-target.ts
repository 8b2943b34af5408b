import { LISTED_EVENT_FIELDS, utcTime } from '@backhaul/engine';
import type {
  CalendarTarget,
  EventProperties,
  EventQuery,
  EventToCreate,
  ListedEvent,
  Occurrence,
  PlaceFound,
  TimeRange,
  ZonedTime,
} from '@backhaul/engine';
import { REQUESTS_AT_ONCE, type Graph } from '../graph.ts';
import { openMailbox, segment, type Mailbox } from '../mail/mailbox.ts';
import { attach } from '../outlook/attach.ts';
import { ensureFolder } from '../outlook/ensure-folder.ts';
import {
  create,
  findMarked,
  markComplete,
  orNull,
  refused,
  removeForGood,
  SEARCH_PAGE_SIZE,
  unlessGone,
} from '../outlook/marked-items.ts';
import { readAttachments } from '../outlook/read-attachments.ts';
import { markProperties } from '../outlook/restore-mark.ts';
import { asPlace, listCalendars, type GraphCalendar } from './calendars.ts';
import { inZone, wholeEvent } from './whole-event.ts';

/**
 * Where events of one mailbox are restored to; implements the engine's port on Microsoft Graph. Attendees are never among
 * what it sends, so nobody is invited, and nobody is told when an occurrence is cancelled.
 */
export function calendarTarget(graph: Graph, userId: string): CalendarTarget {
  const mailbox = openMailbox(graph, userId);
  return {
    concurrency: REQUESTS_AT_ONCE,
    folders: (signal) => listCalendars(mailbox, signal),
    ensureFolder: (_parentId, name, _options, signal) => ensureCalendar(mailbox, name, signal),
    findMarked: (calendarId, restoreId, signal) => findMarked(mailbox, eventsOf(calendarId), restoreId, signal),
    findTwins: (calendarId, of, signal) => findTwins(mailbox, calendarId, of, signal),
    event: (eventId, timeZone, signal) => orNull(wholeEvent(mailbox, eventId, timeZone, signal)),
    create: (calendarId, event, signal) => create(mailbox, eventsOf(calendarId), eventToGraph(event), signal),
    occurrences: (seriesId, within, timeZone, signal) => occurrences(mailbox, seriesId, within, timeZone, signal),
    async changeOccurrence(occurrenceId, fields, signal) {
      const request = { method: 'PATCH' as const, path: pathOf(occurrenceId), body: fields, signal };
      const { id } = await mailbox.json<{ id: string }>(request).catch(refused);
      return { id };
    },
    cancelOccurrence: (occurrenceId, signal) =>
      mailbox.send({ method: 'DELETE', path: pathOf(occurrenceId), signal }).catch(unlessGone),
    attach: (eventId, attachment, signal) =>
      attach(graph, mailbox, { userId, path: pathOf(eventId) }, attachment, signal),
    attachments: (eventId, signal) => readAttachments(mailbox, pathOf(eventId), signal),
    detach: (eventId, attachmentId, signal) =>
      mailbox
        .send({ method: 'DELETE', path: `${pathOf(eventId)}/attachments/${segment(attachmentId)}`, signal })
        .catch(unlessGone),
    markComplete: (eventId, mark, signal) => markComplete(mailbox, pathOf(eventId), mark, signal),
    remove: (eventId, signal) => removeForGood(mailbox, pathOf(eventId), signal),
  };
}

function eventsOf(calendarId: string): string {
  return `/calendars/${segment(calendarId)}/events`;
}

function pathOf(eventId: string): string {
  return `/events/${segment(eventId)}`;
}

function eventToGraph({ fields, transactionId, mark }: EventToCreate): Record<string, unknown> {
  return { ...fields, transactionId, singleValueExtendedProperties: markProperties(mark) };
}

/** Calendars are a flat list and cannot be hidden. */
async function ensureCalendar(mailbox: Mailbox, name: string, signal: AbortSignal): Promise<PlaceFound> {
  const request = { path: '/calendars', body: { name }, signal };
  const there = async () => (await listCalendars(mailbox, signal)).map((one) => ({ ...one, displayName: one.name }));
  const found = await ensureFolder<GraphCalendar & { displayName?: string }>(mailbox, request, name, there);
  return asPlace({ ...found, name: found.name ?? name });
}

/** An event is found below every calendar of its mailbox, so only a list tells in which of them it lies. */
async function findTwins(
  mailbox: Mailbox,
  calendarId: string,
  of: EventQuery,
  signal: AbortSignal,
): Promise<ListedEvent[]> {
  const found = await eventsAt(mailbox, calendarId, of, signal);
  const twins = found.filter(({ id, subject }) => id === of.id || (subject ?? '') === of.subject);
  if (of.id === null || twins.some(({ id }) => id === of.id)) return twins;
  const path = `${pathOf(of.id)}?${LISTED},isAllDay`;
  const original = await orNull(mailbox.json<EventProperties>({ path, signal }));
  if (original === null) return twins;
  const at = { start: original.start ?? null, isAllDay: original.isAllDay ?? false };
  const there = await eventsAt(mailbox, calendarId, at, signal);
  return [...twins, ...there.filter(({ id }) => id === of.id)];
}

const LISTED = `$select=${LISTED_EVENT_FIELDS.join(',')}`;
const DAY_MS = 86_400_000;

/** Events and series of a calendar that start then; of a whole day, those on the same date in the zone of `start`. */
async function eventsAt(
  mailbox: Mailbox,
  calendarId: string,
  { start, isAllDay }: Pick<EventQuery, 'start' | 'isAllDay'>,
  signal: AbortSignal,
): Promise<ListedEvent[]> {
  const startsAt = utcTime(start)?.getTime();
  if (start === null || startsAt === undefined) return [];
  const [from, to] = isAllDay ? [startsAt - DAY_MS, startsAt + DAY_MS] : [startsAt, startsAt];
  const filter = encodeURIComponent(`start/dateTime ge ${second(from)} and start/dateTime le ${second(to)}`);
  const path = `${eventsOf(calendarId)}?$filter=${filter}&${LISTED}`;
  const events = await inZone(isAllDay ? start.timeZone : 'UTC', async (prefer) => {
    const listed: ListedEvent[] = [];
    const pages = mailbox.pages<ListedEvent>({ path, prefer, pageSize: SEARCH_PAGE_SIZE, signal });
    for await (const page of pages) listed.push(...page.value);
    return listed;
  });
  const dateOf = (time: ZonedTime | null | undefined) => time?.dateTime.slice(0, 10);
  return events.filter((one) =>
    isAllDay ? dateOf(one.start) === dateOf(start) : utcTime(one.start)?.getTime() === startsAt,
  );
}

function second(instant: number): string {
  return `'${new Date(instant).toISOString().slice(0, 19)}Z'`;
}

async function occurrences(
  mailbox: Mailbox,
  seriesId: string,
  { from, to }: TimeRange,
  timeZone: string,
  signal: AbortSignal,
): Promise<Occurrence[]> {
  const within = `startDateTime=${encodeURIComponent(from)}&endDateTime=${encodeURIComponent(to)}`;
  const path = `${pathOf(seriesId)}/instances?${within}&$select=id,type,start,originalStart`;
  return inZone(timeZone, async (prefer) => {
    const found: Occurrence[] = [];
    for await (const page of mailbox.pages<EventProperties>({ path, prefer, pageSize: SEARCH_PAGE_SIZE, signal })) {
      for (const { id, type, start, originalStart = null } of page.value) {
        if (start) found.push({ id, isException: type === 'exception', start, originalStart });
      }
    }
    return found;
  });
}
