import type { GraphContext } from '../../graph/graph-context.ts';
import type { JsonObject } from '../../graph/json-body.ts';
import { badRequest } from '../../http/graph-error.ts';
import type { Address, Body } from '../../mail/state/message.ts';
import { readBody, textToHtml } from '../../outlook/body.ts';
import { oneOf, readFlag, readText, readTexts } from '../../outlook/fields.ts';
import { readRecipient } from '../../outlook/recipient.ts';
import {
  ATTENDEE_TYPES,
  IMPORTANCES,
  RESPONSES,
  SENSITIVITIES,
  SHOW_AS,
  type AppointmentContent,
  type Attendee,
  type Place,
} from '../state/appointment.ts';
import { DAY_MS, dayText } from '../time/days.ts';
import { instantText, readTime } from './times.ts';

export const NO_PLACE: Place = {
  displayName: '',
  locationType: 'default',
  uniqueIdType: 'unknown',
  address: {},
  coordinates: {},
};

const NO_BODY: Body = { type: 'html', source: { from: 'text', text: '' } };

/** An appointment of the mailbox's owner in which nothing is set yet. */
function emptyContent(organizer: Address): Omit<AppointmentContent, 'start' | 'end' | 'startZone' | 'endZone'> {
  return {
    subject: null,
    body: NO_BODY,
    isAllDay: false,
    location: NO_PLACE,
    locations: [],
    showAs: 'busy',
    sensitivity: 'normal',
    importance: 'normal',
    categories: [],
    isReminderOn: true,
    reminderMinutesBeforeStart: 15,
    organizer,
    attendees: [],
    response: 'organizer',
    responseRequested: true,
    allowNewTimeProposals: true,
    hideAttendees: false,
    isOnlineMeeting: false,
    joinUrl: null,
    isCancelled: false,
    attachments: [],
  };
}

/** A posted appointment. The organizer is who owns the mailbox, whatever the body says. */
export function newContent(context: GraphContext, body: JsonObject, organizer: Address): AppointmentContent {
  if (body['start'] === undefined || body['end'] === undefined)
    throw badRequest('An event needs start and end.', 'ErrorPropertyValidationFailure');
  return { ...emptyContent(organizer), ...contentSet(context, body, null) } as AppointmentContent;
}

/**
 * What a body sets.
 * @param before what it is set in; null for something new
 * @throws GraphError for what has another type, and for times that do not go together
 */
export function contentSet(
  context: GraphContext,
  body: JsonObject,
  before: AppointmentContent | null,
): Partial<AppointmentContent> {
  const set: Partial<AppointmentContent> = {};
  const has = (name: string): boolean => body[name] !== undefined && body[name] !== null;
  if ('subject' in body) set.subject = readText(body, 'subject');
  if ('body' in body) set.body = htmlBody(context, body['body']);
  if (has('showAs')) set.showAs = oneOf('showAs', body['showAs'], SHOW_AS);
  if (has('sensitivity')) set.sensitivity = oneOf('sensitivity', body['sensitivity'], SENSITIVITIES);
  if (has('importance')) set.importance = oneOf('importance', body['importance'], IMPORTANCES);
  if ('categories' in body) set.categories = readTexts(body, 'categories');
  for (const name of ['isReminderOn', 'responseRequested', 'allowNewTimeProposals', 'hideAttendees'] as const) {
    if (has(name)) set[name] = readFlag(body, name, false);
  }
  if (has('reminderMinutesBeforeStart'))
    set.reminderMinutesBeforeStart = wholeNumber(body, 'reminderMinutesBeforeStart');
  if ('attendees' in body) set.attendees = readAttendees(body['attendees']);
  if (has('isOnlineMeeting')) {
    set.isOnlineMeeting = readFlag(body, 'isOnlineMeeting', false);
    set.joinUrl = set.isOnlineMeeting ? 'https://teams.example/l/meetup-join/simulated' : null;
  }
  if ('location' in body || 'locations' in body) Object.assign(set, places(body));
  if (has('start') || has('end') || has('isAllDay')) Object.assign(set, times(body, before));
  return set;
}

/** Calendars keep pages: of a text one is made. */
function htmlBody({ tenant }: GraphContext, value: unknown): Body {
  const body = readBody(value, tenant.content);
  if (body === null) return NO_BODY;
  if (body.type === 'html') return body;
  const text = tenant.content.text(body.source);
  return { type: 'html', source: tenant.content.keepText(text === '' ? '' : textToHtml(text)) };
}

/** Start and end; all-day ones are dates. */
function times(body: JsonObject, before: AppointmentContent | null): Partial<AppointmentContent> {
  const isAllDay = readFlag(body, 'isAllDay', before?.isAllDay ?? false);
  const end = (name: 'start' | 'end'): { time: string; zone: string } => {
    if (body[name] === undefined || body[name] === null) {
      if (before === null) throw badRequest(`An event needs ${name}.`, 'ErrorPropertyValidationFailure');
      if (before.isAllDay !== isAllDay)
        throw badRequest('isAllDay is changed together with start and end.', 'ErrorPropertyValidationFailure');
      return { time: before[name], zone: before[`${name}Zone`] };
    }
    const { local, instant, zone } = readTime(body, name);
    if (!isAllDay) return { time: instantText(instant), zone: zone.name };
    if (local % DAY_MS !== 0) {
      const message = `The Event.${name === 'start' ? 'Start' : 'End'} property for an all-day event needs to be set to midnight.`;
      throw badRequest(message, 'ErrorPropertyValidationFailure');
    }
    return { time: dayText(local / DAY_MS), zone: zone.name };
  };
  const [from, to] = [end('start'), end('end')];
  if (isAllDay && (from.zone !== to.zone || to.time <= from.time)) {
    const message = 'The Duration of an event marked as All day must be at least 24 hours, in one time zone.';
    throw badRequest(message, 'ErrorPropertyValidationFailure');
  }
  if (to.time < from.time)
    throw badRequest('The event ends before it starts.', 'ErrorCalendarEndDateIsEarlierThanStartDate');
  return { isAllDay, start: from.time, end: to.time, startZone: from.zone, endZone: to.zone };
}

function places(body: JsonObject): Pick<AppointmentContent, 'location' | 'locations'> {
  const all = (Array.isArray(body['locations']) ? body['locations'] : []).map(place);
  const location = place(body['location'] ?? all[0] ?? {});
  return { location, locations: all.length > 0 || location.displayName === '' ? all : [location] };
}

function place(value: unknown): Place {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badRequest('A location must be an object.', 'UnableToDeserializePostBody');
  const { '@odata.type': _, ...given } = value as JsonObject;
  return { ...NO_PLACE, ...given, displayName: readText(given, 'displayName') ?? '' };
}

function readAttendees(value: unknown): Attendee[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw badRequest('attendees must be a collection.', 'UnableToDeserializePostBody');
  return (value as JsonObject[]).map((entry) => {
    const address = readRecipient(entry);
    if (address === null || address.address.trim() === '')
      throw badRequest('At least one recipient is not valid.', 'ErrorInvalidRecipients');
    const { response } = (entry['status'] ?? {}) as { response?: unknown };
    return {
      ...address,
      type: oneOf('type', entry['type'] ?? 'required', ATTENDEE_TYPES),
      response: oneOf('response', response ?? 'none', RESPONSES),
    };
  });
}

function wholeNumber(body: JsonObject, name: string): number {
  const value = body[name];
  if (!Number.isInteger(value)) throw badRequest(`${name} must be a whole number.`, 'UnableToDeserializePostBody');
  return value as number;
}
