import { ACCESS } from '../../graph/access.ts';
import { keyPath, preferenceApplied, type GraphContext } from '../../graph/graph-context.ts';
import { listPage, openListing, OUTLOOK_PAGES } from '../../graph/paging.ts';
import { badRequest } from '../../http/graph-error.ts';
import type { GraphRequest } from '../../http/graph-request.ts';
import { ok, type Reply } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import { readExpansion } from '../../outlook/expand.ts';
import type { AppointmentState } from '../state/appointment.ts';
import { instancesIn, startOf, type Instance } from '../state/instances.ts';
import { eventJson, eventShape, EXPANDABLE } from './event-json.ts';
import { CALENDAR_PATHS, calendarOf, EVENT_PATHS, eventOf } from './event-paths.ts';
import { appointmentId, calendarId, type OpenBook } from './open-calendar.ts';
import { readWindow } from './times.ts';

/** What takes place when: the view of a calendar, and the instances of one series; a window is always needed. */
export function calendarViewRoutes(context: GraphContext): Route[] {
  const views = CALENDAR_PATHS.map((path): Route => ({
    method: 'GET',
    path: `${path}/calendarView`,
    access: ACCESS.calendarsList,
    handle: (request, parameters) => {
      const open = calendarOf(context, path, parameters);
      const { book, calendar, user } = open;
      const link = keyPath(['users', user.id], ['calendars', calendarId(context, book, calendar.key)], 'calendarView');
      return list(context, request, open, link, calendar.appointments);
    },
  }));
  const instances = EVENT_PATHS.map((path): Route => ({
    method: 'GET',
    path: `${path}/instances`,
    access: ACCESS.calendarsList,
    handle: (request, parameters) => {
      const open = eventOf(context, path, parameters);
      if (open.state.recurrence === null || open.instance !== null)
        throw badRequest('The event is no series master.', 'ErrorInvalidRequest');
      const id = appointmentId(context, open.book, open.key, request.preferences);
      return list(context, request, open, keyPath(['users', open.user.id], ['events', id], 'instances'), [open.key]);
    },
  }));
  return [...views, ...instances];
}

interface Entry {
  key: number;
  state: AppointmentState;
  instance: Instance;
}

/** By start unless asked otherwise. */
function list(
  context: GraphContext,
  request: GraphRequest,
  open: OpenBook,
  path: string,
  keys: readonly number[],
): Reply {
  const { book, user } = open;
  const listing = openListing(context, request, path);
  const { query } = listing;
  const window = readWindow(query);
  const shape = eventShape(query.list('select'), readExpansion(query, 'event', EXPANDABLE));
  const entries: Entry[] = [];
  for (const key of keys) {
    const state = book.appointment(key)!;
    for (const instance of instancesIn(state, window)) entries.push({ key, state, instance });
  }
  const descending = readOrder(query.get('orderby'));
  entries.sort((a, b) => startOf(a.instance.content) - startOf(b.instance.content) || a.key - b.key);
  if (descending) entries.reverse();
  const page = { path, odataContext: `users('${user.id}')/calendarView`, listing, sizes: OUTLOOK_PAGES };
  const render = ({ key, state, instance }: Entry): object =>
    eventJson({ context, request, book, key, state, instance: instance.date === null ? null : instance }, shape);
  return ok(listPage(context, request, page, entries, render), preferenceApplied(request));
}

/** Whether the latest come first. */
function readOrder(orderBy: string | undefined): boolean {
  const [name, direction = 'asc'] = (orderBy ?? 'start/dateTime').trim().split(/\s+/);
  if (name === 'start/dateTime') return direction.toLowerCase() === 'desc';
  throw badRequest(`Ordering by '${orderBy}' is not supported.`, 'ErrorInvalidUrlQuery');
}
