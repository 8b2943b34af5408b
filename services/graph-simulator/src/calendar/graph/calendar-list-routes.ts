import { ACCESS } from '../../graph/access.ts';
import { keyPath, preferenceApplied, type GraphContext } from '../../graph/graph-context.ts';
import { jsonBody, textField, type JsonObject } from '../../graph/json-body.ts';
import { listPage, openListing, OUTLOOK_PAGES, selected } from '../../graph/paging.ts';
import { badRequest, GraphError, itemNotFound, malformedId } from '../../http/graph-error.ts';
import type { GraphRequest } from '../../http/graph-request.ts';
import { created, noContent, ok, type Reply } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import { changeKeyOf } from '../../outlook/change-key.ts';
import { oneOf } from '../../outlook/fields.ts';
import { CALENDAR_COLORS, type CalendarState } from '../state/appointment.ts';
import { CALENDAR_GROUPS, type CalendarBook } from '../state/calendar-book.ts';
import { changeCalendar, createCalendar, removeCalendar } from '../state/operations.ts';
import { calendarId, editable, openBook, openCalendar, type OpenBook, type OpenCalendar } from './open-calendar.ts';

/** Calendars, also those that others share with the mailbox, and their groups. */
export function calendarListRoutes(context: GraphContext): Route[] {
  const calendars = '/users/{user}/calendars';
  const inGroup = '/users/{user}/calendarGroups/{group}/calendars';
  const open = (user: string, id: string | null, write = false): OpenCalendar =>
    openCalendar(context, openBook(context, user, write), id);
  const remove = (_: GraphRequest, [user, id]: string[]): Reply => {
    const found = removable(open(user!, id!, true));
    removeCalendar(context.tenant, found.book, found.calendar.key);
    return noContent;
  };
  return [
    {
      method: 'GET',
      path: '/users/{user}/calendarGroups',
      access: ACCESS.calendarsList,
      handle: (request, [user]) => listGroups(context, request, openBook(context, user!)),
    },
    {
      method: 'GET',
      path: '/users/{user}/calendar',
      access: ACCESS.calendarsList,
      handle: (request, [user]) => ok(entity(context, request, open(user!, null))),
    },
    {
      method: 'GET',
      path: calendars,
      access: ACCESS.calendarsList,
      handle: (request, [user]) => list(context, request, openBook(context, user!), null),
    },
    {
      method: 'GET',
      path: inGroup,
      access: ACCESS.calendarsList,
      handle: (request, [user, group]) => {
        const book = openBook(context, user!);
        return list(context, request, book, groupNumber(context, book, group!));
      },
    },
    {
      method: 'POST',
      path: calendars,
      access: ACCESS.calendarsWrite,
      handle: (request, [user]) => create(context, request, user!, null),
    },
    {
      method: 'POST',
      path: inGroup,
      access: ACCESS.calendarsWrite,
      handle: (request, [user, group]) => create(context, request, user!, group!),
    },
    {
      method: 'GET',
      path: `${calendars}/{calendar}`,
      access: ACCESS.calendarsList,
      handle: (request, [user, id]) => ok(entity(context, request, open(user!, id!))),
    },
    {
      method: 'PATCH',
      path: `${calendars}/{calendar}`,
      access: ACCESS.calendarsWrite,
      handle: async (request, [user, id]) => {
        const body = await jsonBody(request);
        const found = editable(open(user!, id!, true));
        changeCalendar(context.tenant, found.book, found.calendar.key, calendarPatch(found, body));
        return ok(entity(context, request, open(user!, id!)));
      },
    },
    { method: 'DELETE', path: `${calendars}/{calendar}`, access: ACCESS.calendarsWrite, handle: remove },
    { method: 'POST', path: `${calendars}/{calendar}/permanentDelete`, access: ACCESS.calendarsWrite, handle: remove },
  ];
}

function listGroups(context: GraphContext, request: GraphRequest, { user, book }: OpenBook): Reply {
  const path = keyPath(['users', user.id], 'calendarGroups');
  const listing = openListing(context, request, path);
  const page = { path, odataContext: path, listing, sizes: OUTLOOK_PAGES };
  const numbers = Object.keys(CALENDAR_GROUPS).map(Number);
  const render = (number: number): object => ({
    id: groupId(context, book, number),
    name: CALENDAR_GROUPS[number]!,
    classId: `0006f0b${number}-0000-0000-c000-000000000046`,
    changeKey: changeKeyOf('calendar', book.number, number, 0),
  });
  return ok(listPage(context, request, page, numbers, render), preferenceApplied(request));
}

function list(context: GraphContext, request: GraphRequest, { user, book }: OpenBook, group: number | null): Reply {
  const below = group === null ? 'calendars' : keyPath(['calendarGroups', groupId(context, book, group)], 'calendars');
  const path = keyPath(['users', user.id], below);
  const listing = openListing(context, request, path);
  const select = calendarSelection(listing.query.list('select'));
  const keys = [...book.calendars.values()]
    .filter(({ state }) => state !== null && (group === null || state.group === group))
    .map(({ key }) => key);
  const page = { path, odataContext: `users('${user.id}')/calendars`, listing, sizes: OUTLOOK_PAGES };
  const render = (key: number): object => selected(calendarJson(context, book, key), select);
  return ok(listPage(context, request, page, keys, render), preferenceApplied(request));
}

async function create(
  context: GraphContext,
  request: GraphRequest,
  user: string,
  group: string | null,
): Promise<Reply> {
  const body = await jsonBody(request);
  const open = openBook(context, user, true);
  const state: CalendarState = {
    name: calendarName(body),
    group: group === null ? 1 : groupNumber(context, open, group),
    color: body['color'] === undefined ? 'auto' : oneOf('color', body['color'], CALENDAR_COLORS),
    isDefault: false,
    canEdit: true,
    sharedBy: null,
    revision: 1,
  };
  refuseSameName(open.book, state.name);
  const key = createCalendar(context.tenant, open.book, state);
  return created({ ...contextOf(context, open), ...calendarJson(context, open.book, key) });
}

function calendarPatch({ book, calendar }: OpenCalendar, body: JsonObject): Partial<CalendarState> {
  const set: Partial<CalendarState> = {};
  if (body['name'] !== undefined) {
    set.name = calendarName(body);
    refuseSameName(book, set.name, calendar.key);
  }
  if (body['color'] !== undefined) set.color = oneOf('color', body['color'], CALENDAR_COLORS);
  return set;
}

function calendarName(body: JsonObject): string {
  const name = textField(body, 'name').trim();
  if (name === '') throw badRequest('The calendar needs a name.', 'ErrorInvalidRequest');
  return name;
}

/** Names of a mailbox's own calendars are unique, without regard to case. */
function refuseSameName(book: CalendarBook, name: string, except?: number): void {
  const taken = [...book.calendars.values()].some(
    ({ key, state }) =>
      state !== null && state.sharedBy === null && key !== except && state.name.toLowerCase() === name.toLowerCase(),
  );
  if (taken) throw new GraphError(409, 'ErrorFolderExists', 'A folder with the specified name already exists.');
}

function removable(open: OpenCalendar): OpenCalendar {
  if (open.calendar.state.isDefault)
    throw new GraphError(403, 'ErrorCannotDeleteObject', 'The default calendar cannot be deleted.');
  return open.calendar.state.sharedBy === null ? editable(open) : open;
}

function calendarJson(context: GraphContext, book: CalendarBook, key: number): Record<string, unknown> {
  const state = book.calendar(key)!;
  const user = context.tenant.owner(book.number);
  const owner = state.sharedBy ?? { name: user.displayName, address: user.mail ?? user.userPrincipalName };
  const own = state.sharedBy === null;
  return {
    id: calendarId(context, book, key),
    name: state.name,
    color: state.color,
    hexColor: '',
    isDefaultCalendar: state.isDefault,
    changeKey: changeKeyOf('calendar', book.number, key, state.revision),
    canShare: own,
    canViewPrivateItems: own,
    canEdit: state.canEdit,
    allowedOnlineMeetingProviders: ['teamsForBusiness'],
    defaultOnlineMeetingProvider: 'teamsForBusiness',
    isTallyingResponses: own,
    isRemovable: !state.isDefault,
    owner: { name: owner.name, address: owner.address },
  };
}

const PROPERTIES = [
  'id',
  'name',
  'color',
  'hexcolor',
  'isdefaultcalendar',
  'changekey',
  'canshare',
  'canviewprivateitems',
  'canedit',
  'allowedonlinemeetingproviders',
  'defaultonlinemeetingprovider',
  'istallyingresponses',
  'isremovable',
  'owner',
];

/** @throws GraphError for a property that calendars do not have */
function calendarSelection(select: readonly string[] | null): readonly string[] | null {
  const unknown = select?.find((name) => !PROPERTIES.includes(name.toLowerCase()));
  if (unknown === undefined) return select;
  throw badRequest(`Could not find a property named '${unknown}' on type 'microsoft.graph.calendar'.`);
}

function entity(context: GraphContext, request: GraphRequest, open: OpenCalendar): object {
  const select = calendarSelection(request.query.list('select'));
  return { ...contextOf(context, open), ...selected(calendarJson(context, open.book, open.calendar.key), select) };
}

function contextOf(context: GraphContext, { user }: OpenBook): object {
  return { '@odata.context': context.links.context(`users('${user.id}')/calendars/$entity`) };
}

function groupId({ tenant }: GraphContext, book: CalendarBook, number: number): string {
  return tenant.ids.encode('calendar-group', book.number, number);
}

function groupNumber({ tenant }: GraphContext, { book }: OpenBook, id: string): number {
  const decoded = tenant.ids.decode(id);
  if (decoded === null || decoded.kind !== 'calendar-group') throw malformedId();
  if (decoded.mailbox !== book.number || CALENDAR_GROUPS[decoded.key] === undefined) throw itemNotFound();
  return decoded.key;
}
