import { hash } from 'node:crypto';
import { ACCESS } from '../../graph/access.ts';
import { keyPath, preferenceApplied, type GraphContext } from '../../graph/graph-context.ts';
import { jsonBody, type JsonObject } from '../../graph/json-body.ts';
import { listPage, openListing, OUTLOOK_PAGES } from '../../graph/paging.ts';
import { GraphError } from '../../http/graph-error.ts';
import type { GraphRequest } from '../../http/graph-request.ts';
import { created, noContent, ok, type Reply } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import { isoSeconds } from '../../mail/generate/message.ts';
import { embedded } from '../../mail/graph/posted-message.ts';
import { readAttachment } from '../../outlook/attachments/posted-attachment.ts';
import { NO_EXPANSION, readExpansion } from '../../outlook/expand.ts';
import { readProperties } from '../../outlook/extended-properties.ts';
import { readText } from '../../outlook/fields.ts';
import { checkIfMatch } from '../../outlook/if-match.ts';
import type { AppointmentState } from '../state/appointment.ts';
import { instanceAt } from '../state/instances.ts';
import { newAppointmentState } from '../state/next-state.ts';
import { changeAppointment, changeOccurrence, createAppointment } from '../state/operations.ts';
import { newUid } from '../state/uid.ts';
import { filterEvents, orderEvents } from './event-filter.ts';
import { changeKeyOfEvent, eventJson, eventShape, EXPANDABLE, occurrencesJson } from './event-json.ts';
import { CALENDAR_PATHS, calendarOf, EVENT_PATHS, eventOf } from './event-paths.ts';
import type { EventSubject } from './event-subject.ts';
import { countInvitation, takeAway } from './invitations.ts';
import { calendarId, editable, openCalendar, type OpenAppointment, type OpenCalendar } from './open-calendar.ts';
import { contentSet, newContent } from './posted-event.ts';
import { readRecurrence } from './posted-recurrence.ts';

/** Events: listings of single ones and series, one, and what can be done to it. */
export function eventRoutes(context: GraphContext): Route[] {
  const collections = CALENDAR_PATHS.flatMap((path): Route[] => [
    {
      method: 'GET',
      path: `${path}/events`,
      access: ACCESS.calendarsList,
      handle: (request, parameters) => list(context, request, calendarOf(context, path, parameters)),
    },
    {
      method: 'POST',
      path: `${path}/events`,
      access: ACCESS.calendarsWrite,
      handle: async (request, parameters) => {
        const body = await jsonBody(request);
        return create(context, request, body, editable(calendarOf(context, path, parameters, true)));
      },
    },
  ]);
  return [...collections, ...EVENT_PATHS.flatMap((path) => oneEvent(context, path))];
}

function oneEvent(context: GraphContext, path: string): Route[] {
  const writable = (parameters: string[]): OpenAppointment => {
    const open = eventOf(context, path, parameters, true);
    editable(openCalendar(context, open, calendarId(context, open.book, open.state.calendar)));
    return open;
  };
  const remove = (request: GraphRequest, parameters: string[]): Reply => {
    const open = writable(parameters);
    checkIfMatch(request, changeKeyOfEvent({ ...open, context, request }));
    takeAway(context, open);
    return noContent;
  };
  return [
    {
      method: 'GET',
      path,
      access: ACCESS.calendarsList,
      handle: (request, parameters) => {
        const open = eventOf(context, path, parameters);
        const shape = eventShape(request.query.list('select'), readExpansion(request.query, 'event', EXPANDABLE));
        const subject: EventSubject = { ...open, context, request };
        const json = { ...eventJson(subject, shape), ...occurrencesJson(subject, shape) };
        return ok({ ...contextOf(context, open), ...json }, preferenceApplied(request));
      },
    },
    {
      method: 'PATCH',
      path,
      access: ACCESS.calendarsWrite,
      handle: async (request, parameters) => {
        const body = await jsonBody(request);
        const open = writable(parameters);
        checkIfMatch(request, changeKeyOfEvent({ ...open, context, request }));
        return ok(entity(context, request, patch(context, open, body)), preferenceApplied(request));
      },
    },
    { method: 'DELETE', path, access: ACCESS.calendarsWrite, handle: remove },
    { method: 'POST', path: `${path}/permanentDelete`, access: ACCESS.calendarsWrite, handle: remove },
  ];
}

function list(context: GraphContext, request: GraphRequest, open: OpenCalendar): Reply {
  const { user, book, calendar } = open;
  const path = keyPath(['users', user.id], ['calendars', calendarId(context, book, calendar.key)], 'events');
  const listing = openListing(context, request, path);
  const { query } = listing;
  const shape = eventShape(query.list('select'), readExpansion(query, 'event', EXPANDABLE));
  const keys = orderEvents(book, filterEvents(book, calendar, query.get('filter')), query.get('orderby'));
  const page = { path, odataContext: `users('${user.id}')/events`, listing, sizes: OUTLOOK_PAGES };
  const render = (key: number): object =>
    eventJson({ context, request, book, key, state: book.appointment(key)!, instance: null }, shape);
  return ok(listPage(context, request, page, keys, render), preferenceApplied(request));
}

function create(context: GraphContext, request: GraphRequest, body: JsonObject, open: OpenCalendar): Reply {
  const { tenant } = context;
  const { book, user } = open;
  const transactionId = readText(body, 'transactionId');
  const postedHash = hash('sha256', JSON.stringify(body));
  const made = transactionId === null ? null : earlier(open, transactionId, postedHash);
  if (made !== null) return created(entity(context, request, made));
  const organizer = { name: user.displayName, address: user.mail ?? user.userPrincipalName };
  const attachments = Array.isArray(body['attachments']) ? (body['attachments'] as JsonObject[]) : [];
  const content = {
    ...newContent(context, body, organizer),
    attachments: attachments.map((attachment, at) => readAttachment(context, attachment, at + 1, embedded)),
  };
  const now = isoSeconds(context.now().getTime());
  const recurrence = readRecurrence(body['recurrence']);
  const state: AppointmentState = {
    ...newAppointmentState(open.calendar.key, content, recurrence, newUid(tenant, book), now),
    transactionId,
    postedHash: transactionId === null ? null : postedHash,
    properties: readProperties(body['singleValueExtendedProperties']),
  };
  const key = createAppointment(tenant, book, state);
  countInvitation(context, content);
  return created(entity(context, request, { ...open, key, state, instance: null }));
}

/** What was made with a transaction id: the same request again makes nothing new. @throws GraphError for another request */
function earlier(open: OpenCalendar, transactionId: string, postedHash: string): OpenAppointment | null {
  for (const key of open.book.having('transactionId', transactionId)) {
    const state = open.book.appointment(key)!;
    if (state.postedHash === postedHash) return { ...open, key, state, instance: null };
    const message =
      "Your request can't be completed. The TransactionId specified in the request has already been used to create a different event.";
    throw new GraphError(409, 'ErrorDuplicateTransactionId', message);
  }
  return null;
}

/** Changes an event, a series, or an occurrence, which becomes an exception; those who are invited are told. */
function patch(context: GraphContext, open: OpenAppointment, body: JsonObject): OpenAppointment {
  const { tenant } = context;
  const { book, key, state, instance } = open;
  const now = isoSeconds(context.now().getTime());
  const properties = readProperties(body['singleValueExtendedProperties']);
  const before = instance?.content ?? state.content;
  const set = contentSet(context, body, before);
  if (instance?.date != null) {
    const changed = changeOccurrence(tenant, book, key, instance.date, set, now, { properties });
    countInvitation(context, { ...before, ...set });
    return { ...open, state: changed, instance: instanceAt(changed, instance.date) };
  }
  const repeats = 'recurrence' in body ? readRecurrence(body['recurrence']) : state.recurrence;
  const content = { ...state.content, ...set };
  // Occurrences that were changed or cancelled belong to the times that the series had.
  const moved =
    JSON.stringify(repeats) !== JSON.stringify(state.recurrence) ||
    content.start !== state.content.start ||
    content.end !== state.content.end;
  const changed = changeAppointment(
    tenant,
    book,
    key,
    {
      content,
      recurrence: repeats,
      properties: { ...state.properties, ...properties },
      ...(moved && { exceptions: {}, cancelled: [] }),
    },
    now,
  );
  countInvitation(context, content);
  return { ...open, state: changed };
}

function entity(context: GraphContext, request: GraphRequest, open: OpenAppointment): object {
  const json = eventJson({ ...open, context, request }, eventShape(null, NO_EXPANSION));
  return { ...contextOf(context, open), ...json };
}

function contextOf(context: GraphContext, { user }: OpenAppointment): object {
  return { '@odata.context': context.links.context(`users('${user.id}')/events/$entity`) };
}
