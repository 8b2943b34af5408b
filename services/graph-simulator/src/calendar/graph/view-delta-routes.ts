import { ACCESS } from '../../graph/access.ts';
import { deltaPage, LinkGenerations, queryOfWalk } from '../../graph/delta.ts';
import { keyPath, preferenceApplied, type GraphContext } from '../../graph/graph-context.ts';
import { badRequest } from '../../http/graph-error.ts';
import type { GraphRequest, Query } from '../../http/graph-request.ts';
import { ok, type Reply } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import { NO_EXPANSION } from '../../outlook/expand.ts';
import { stateAt } from '../../tenant/versions.ts';
import type { AppointmentState } from '../state/appointment.ts';
import type { CalendarBook } from '../state/calendar-book.ts';
import { instancesIn, type Instance, type Window } from '../state/instances.ts';
import { eventJson, eventShape, THIN } from './event-json.ts';
import { CALENDAR_PATHS, calendarOf } from './event-paths.ts';
import { appointmentId, calendarId, instanceId, type OpenCalendar } from './open-calendar.ts';
import { readWindow } from './times.ts';

const REMOVED = { reason: 'deleted' } as const;
const REFUSED = ['select', 'expand', 'filter', 'orderby', 'search'];

/**
 * Change tracking of a calendar's view. The window of the first request stays for good. An event is told whole, and a
 * series as its master, its exceptions whole, and the other occurrences thin; after any change of a series all of it is
 * told again. What is told as removed has left the window or was deleted, or was changed outside of the window, where it
 * never was in it.
 */
export function calendarDeltaRoutes(context: GraphContext): Route[] {
  const generations = new LinkGenerations();
  return CALENDAR_PATHS.map((path): Route => ({
    method: 'GET',
    path: `${path}/calendarView/delta`,
    access: ACCESS.calendars,
    handle: (request, parameters) => viewDelta(context, generations, request, calendarOf(context, path, parameters)),
  }));
}

function viewDelta(
  context: GraphContext,
  generations: LinkGenerations,
  request: GraphRequest,
  { user, book, calendar }: OpenCalendar,
): Reply {
  const id = calendarId(context, book, calendar.key);
  const path = keyPath(['users', user.id], ['calendars', id], 'calendarView', 'delta');
  const window = windowOf(queryOfWalk(context, request, path));
  const view: View = { context, request, book, calendar: calendar.key, window };
  const page = deltaPage(context, generations, request, {
    path,
    mailbox: book.number,
    keys: calendar.appointments.filter((key) => !instancesIn(book.appointment(key)!, window).next().done),
    changes: calendar.changes,
    weight: (key) => 1 + instancesOf(view, book.appointment(key)).length,
  });
  const value = page.keys.flatMap((key) => [
    ...present(view, key),
    ...(page.tellsRemoved ? removed(view, key, page.since) : []),
  ]);
  return ok(
    { '@odata.context': context.links.context('Collection(event)'), ...page.link, value },
    preferenceApplied(request, true),
  );
}

/** @throws GraphError for options that change tracking of calendars does not take, and for a window that is none */
function windowOf(query: Query): Window {
  const refused = query.names().find((name) => REFUSED.includes(name));
  if (refused === undefined) return readWindow(query);
  const message = `The query option $${refused} is not supported in change tracking of calendars.`;
  throw badRequest(message, 'ErrorInvalidUrlQuery');
}

/** What is tracked, and for whom. */
interface View {
  context: GraphContext;
  request: GraphRequest;
  book: CalendarBook;
  /** Key of the calendar. */
  calendar: number;
  window: Window;
}

function instancesOf({ calendar, window }: View, state: AppointmentState | null): Instance[] {
  return state === null || state.calendar !== calendar ? [] : [...instancesIn(state, window)];
}

/** What an appointment is told as when it is in the window. */
function present(view: View, key: number): object[] {
  const { context, request, book } = view;
  const state = book.appointment(key);
  const instances = instancesOf(view, state);
  if (state === null || instances.length === 0) return [];
  const full = eventShape(null, NO_EXPANSION);
  const json = (instance: Instance | null, shape = full): object =>
    eventJson({ context, request, book, key, state, instance }, shape, true);
  if (state.recurrence === null) return [json(null)];
  return [json(null), ...instances.map((instance) => json(instance, instance.exception === null ? THIN : full))];
}

/** What was told since a number of the sequence and is in the window no more; an appointment that never was in it, too. */
function removed(view: View, key: number, since: number): object[] {
  const { context, request, book } = view;
  const { versions } = book.appointments.get(key)!;
  const whole = appointmentId(context, book, key, request.preferences);
  const idsOf = (state: AppointmentState | null): string[] => {
    const instances = instancesOf(view, state);
    if (instances.length === 0) return [];
    return [whole, ...instances.map((instance) => instanceId(context, book, key, instance, request.preferences))];
  };
  const later = versions.filter((version) => version.since > since).map(({ state }) => state);
  const told = new Set([stateAt(versions, since), ...later].flatMap(idsOf));
  const present = new Set(idsOf(book.appointment(key)));
  const gone = told.size === 0 ? [whole] : [...told].filter((id) => !present.has(id));
  return gone.map((id) => ({ '@odata.type': '#microsoft.graph.event', id, '@removed': REMOVED }));
}
