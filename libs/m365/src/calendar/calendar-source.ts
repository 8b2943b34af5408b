import { systemClock, type Clock } from '@backhaul/domain';
import { LISTED_EVENT_FIELDS, type CalendarSource, type ItemChanges, type ListedEvent } from '@backhaul/engine';
import { REQUESTS_AT_ONCE, type Graph } from '../graph.ts';
import { openMailbox, segment, type Mailbox } from '../mail/mailbox.ts';
import { listedItems } from '../outlook/listed-items.ts';
import { trackedPages } from '../outlook/tracked-changes.ts';
import { listCalendars } from './calendars.ts';
import { isUsedUp, readViewCursor, windowAround, writeViewCursor, type ViewCursor } from './view-window.ts';
import { wholeEvent } from './whole-event.ts';

const PAGE_SIZE = 500;
/** Entries of the view come with their bodies, whether they are wanted or not. */
const VIEW_PAGE_SIZE = 100;

/** The calendars of one mailbox; implements the engine's port on Microsoft Graph. `clock` tells where windows lie. */
export function calendarSource(graph: Graph, userId: string, clock: Clock = systemClock()): CalendarSource {
  const mailbox = openMailbox(graph, userId, 'Calendars.Read');
  const tracking: Tracking = { mailbox, host: new URL(graph.root).host, clock };
  return {
    concurrency: REQUESTS_AT_ONCE,
    folders: (signal) => listCalendars(mailbox, signal),
    changes: (calendarId, cursor, signal) => changes(tracking, calendarId, cursor, signal),
    list: (calendarId, signal) => events(mailbox, calendarId, signal),
    event: (eventId, timeZone, signal) => wholeEvent(mailbox, eventId, timeZone, signal),
  };
}

interface Tracking {
  mailbox: Mailbox;
  host: string;
  clock: Clock;
}

/**
 * A plain list of the whole calendar says what is there and, by its change keys, what has changed. The view's changes are
 * asked before it and name the series of which an occurrence has changed. What the view tells as removed is no deletion:
 * events that merely left the window, or changed outside of it, are told likewise. A deletion shows in the list.
 */
async function* changes(
  tracking: Tracking,
  calendarId: string,
  cursor: string | null,
  signal: AbortSignal,
): AsyncGenerator<ItemChanges<ListedEvent>> {
  const now = tracking.clock.now();
  let view: ViewCursor | null = cursor === null ? null : readViewCursor(cursor);
  if (view !== null) view = yield* viewChanges(tracking, calendarId, view, signal);
  if (view === null || isUsedUp(view, now)) {
    // Nothing was stored under this window yet, so all that its first walk gives is its link.
    view = yield* viewChanges(tracking, calendarId, { ...windowAround(now), link: null }, signal);
  }
  for await (const changed of events(tracking.mailbox, calendarId, signal)) yield { changed, removed: [] };
  yield { changed: [], removed: [], cursor: writeViewCursor(view), isWhole: true };
}

/** Walks through the view's changes, or where there is no link yet through all of it; returns where to go on. */
async function* viewChanges(
  { mailbox, host }: Tracking,
  calendarId: string,
  view: Omit<ViewCursor, 'link'> & { link: string | null },
  signal: AbortSignal,
): AsyncGenerator<ItemChanges<ListedEvent>, ViewCursor> {
  const { from, to } = view;
  const path = `/calendars/${segment(calendarId)}/calendarView/delta?startDateTime=${from}&endDateTime=${to}`;
  let { link } = view;
  const isNew = link === null;
  const walk = { path, cursor: link, host, pageSize: VIEW_PAGE_SIZE, signal };
  for await (const { value, deltaLink } of trackedPages<ViewEntry>(mailbox, walk)) {
    link = deltaLink ?? link;
    yield { changed: [], removed: [], touched: isNew ? [] : seriesOf(value) };
  }
  return { from, to, link: link ?? '' };
}

/** An event, a series, an occurrence or an exception, or the mark of one that left the view. */
interface ViewEntry {
  id: string;
  type?: string | null;
  seriesMasterId?: string | null;
}

function seriesOf(entries: readonly ViewEntry[]): string[] {
  const ids = entries.flatMap(({ id, type, seriesMasterId }) => seriesMasterId ?? (type === 'seriesMaster' ? id : []));
  return [...new Set(ids)];
}

function events(mailbox: Mailbox, calendarId: string, signal: AbortSignal): AsyncGenerator<ListedEvent[]> {
  const path = `/calendars/${segment(calendarId)}/events?$select=${LISTED_EVENT_FIELDS.join(',')}`;
  return listedItems(mailbox, { path, pageSize: PAGE_SIZE, signal }, listedEvent);
}

/** What is kept of a listed event: exactly the fields that were asked for, as Microsoft gave them. */
function listedEvent(event: ListedEvent): ListedEvent {
  const kept: Partial<Record<(typeof LISTED_EVENT_FIELDS)[number], unknown>> = {};
  for (const field of LISTED_EVENT_FIELDS) if (event[field] !== undefined) kept[field] = event[field];
  return kept as unknown as ListedEvent;
}
