import { badRequest } from '../../http/graph-error.ts';
import { attachmentJson } from '../../outlook/attachments/attachment-json.ts';
import { bodyJson, bodyPreview } from '../../outlook/body.ts';
import { changeKeyOf } from '../../outlook/change-key.ts';
import type { Expansion } from '../../outlook/expand.ts';
import { propertiesJson } from '../../outlook/extended-properties.ts';
import { recipient, recipientOrNull } from '../../outlook/recipient.ts';
import type { AppointmentContent, AppointmentState, Attendee } from '../state/appointment.ts';
import { instanceAt, type Instance } from '../state/instances.ts';
import { readDay } from '../time/days.ts';
import type { TimeZone } from '../time/zones.ts';
import { appointmentHolder } from './appointment-holder.ts';
import type { EventSubject } from './event-subject.ts';
import { recurrenceJson } from './names.ts';
import { appointmentId, instanceId } from './open-calendar.ts';
import { instantText, preferredZone, timeJson } from './times.ts';

/** Which properties an answer has: `$select`, or the default set. */
export interface EventShape {
  properties: readonly EventProperty[];
  /** Cancelled and changed occurrences are told of a series that is asked for by its id, when they are selected or expanded. */
  cancelledOccurrences: boolean;
  expansion: Expansion;
}

export type EventProperty = keyof typeof PROPERTIES;

/** What `$expand` may name besides extended properties. */
export const EXPANDABLE = ['attachments', 'exceptionOccurrences'];
const NEVER = '0001-01-01T00:00:00Z';
const UID_START = '040000008200E00074C5B7101A82E008';

interface Written extends EventSubject {
  content: AppointmentContent;
  zone: TimeZone;
}

const PROPERTIES = {
  createdDateTime: ({ state, instance }: Written) => (instance?.exception ?? state).createdAt,
  lastModifiedDateTime: ({ state, instance }: Written) => (instance?.exception ?? state).modifiedAt,
  changeKey: (written: Written) => changeKeyOfEvent(written),
  categories: ({ content }: Written) => content.categories,
  transactionId: ({ state, instance }: Written) => (instance === null ? state.transactionId : null),
  originalStartTimeZone: ({ content }: Written) => content.startZone,
  originalEndTimeZone: ({ content }: Written) => content.endZone,
  iCalUId: ({ state, instance }: Written) => iCalUId(state.uid, instance?.date ?? null),
  reminderMinutesBeforeStart: ({ content }: Written) => content.reminderMinutesBeforeStart,
  isReminderOn: ({ content }: Written) => content.isReminderOn,
  hasAttachments: ({ content }: Written) => content.attachments.length > 0,
  subject: ({ content }: Written) => content.subject,
  bodyPreview: ({ content, context }: Written) => bodyPreview(content.body, context.tenant.content),
  importance: ({ content }: Written) => content.importance,
  sensitivity: ({ content }: Written) => content.sensitivity,
  originalStart: ({ instance }: Written) => (instance === null ? null : originalStartText(instance)),
  isAllDay: ({ content }: Written) => content.isAllDay,
  isCancelled: ({ content }: Written) => content.isCancelled,
  isOrganizer: ({ content }: Written) => content.response === 'organizer',
  responseRequested: ({ content }: Written) => content.responseRequested,
  seriesMasterId: ({ context, book, key, request, instance }: Written) =>
    instance === null ? null : appointmentId(context, book, key, request.preferences),
  showAs: ({ content }: Written) => content.showAs,
  type: (written: Written) => eventType(written),
  webLink: (written: Written) =>
    `https://outlook.office365.com/owa/?itemid=${encodeURIComponent(eventId(written))}&exvsurl=1&path=/calendar/item`,
  onlineMeetingUrl: () => null,
  isOnlineMeeting: ({ content }: Written) => content.isOnlineMeeting,
  onlineMeetingProvider: ({ content }: Written) => (content.isOnlineMeeting ? 'teamsForBusiness' : 'unknown'),
  allowNewTimeProposals: ({ content }: Written) => content.allowNewTimeProposals,
  isDraft: () => false,
  hideAttendees: ({ content }: Written) => content.hideAttendees,
  responseStatus: ({ content }: Written) => ({ response: content.response, time: NEVER }),
  body: ({ content, context, request }: Written) => bodyJson(content.body, request.preferences, context.tenant.content),
  start: ({ content, zone }: Written) => timeJson(content.start, zone),
  end: ({ content, zone }: Written) => timeJson(content.end, zone),
  location: ({ content }: Written) => content.location,
  locations: ({ content }: Written) => content.locations,
  recurrence: ({ state, instance }: Written) =>
    instance !== null || state.recurrence === null ? null : recurrenceJson(state.recurrence, state.content.startZone),
  attendees: ({ content }: Written) => content.attendees.map(attendeeJson),
  organizer: ({ content }: Written) => recipientOrNull(content.organizer),
  onlineMeeting: ({ content }: Written) => (content.joinUrl === null ? null : { joinUrl: content.joinUrl }),
} satisfies Record<string, (written: Written) => unknown>;

const ALL = Object.keys(PROPERTIES) as EventProperty[];
const BY_LOWER_CASE = new Map(ALL.map((name) => [name.toLowerCase(), name]));

/** What change tracking says of an occurrence that is like its series. */
export const THIN: EventShape = {
  properties: ['seriesMasterId', 'type', 'start', 'end'],
  cancelledOccurrences: false,
  expansion: { properties: null, others: new Map() },
};

/** @throws GraphError for a property that events do not have */
export function eventShape(select: readonly string[] | null, expansion: Expansion): EventShape {
  const lower = select?.map((name) => name.toLowerCase()) ?? null;
  const cancelledOccurrences = lower?.includes('cancelledoccurrences') ?? false;
  const properties = select === null ? ALL : select.flatMap((name) => (isSilent(name) ? [] : [chosenProperty(name)]));
  return { properties, cancelledOccurrences, expansion };
}

function isSilent(name: string): boolean {
  return ['id', '@odata.etag', 'cancelledoccurrences', 'exceptionoccurrences'].includes(name.toLowerCase());
}

function chosenProperty(name: string): EventProperty {
  const property = BY_LOWER_CASE.get(name.toLowerCase());
  if (property !== undefined) return property;
  throw badRequest(`Could not find a property named '${name}' on type 'microsoft.graph.event'.`);
}

/** @param type whether to say `@odata.type`, as delta pages do */
export function eventJson(subject: EventSubject, shape: EventShape, type = false): Record<string, unknown> {
  const { state, instance, request } = subject;
  const content = instance?.content ?? state.content;
  const written: Written = { ...subject, content, zone: preferredZone(request) };
  const json: Record<string, unknown> = type ? { '@odata.type': '#microsoft.graph.event' } : {};
  if (shape !== THIN) json['@odata.etag'] = `W/"${changeKeyOfEvent(written)}"`;
  json['id'] = eventId(subject);
  for (const name of shape.properties) json[name] = PROPERTIES[name](written);
  const { properties, others } = shape.expansion;
  if (properties !== null) {
    const stored = instance?.exception?.properties ?? state.properties;
    const values = propertiesJson(properties, (id) => eventProperty(stored, id));
    if (values.length > 0) json['singleValueExtendedProperties'] = values;
  }
  if (others.has('attachments')) {
    const holder = appointmentHolder(subject);
    json['attachments'] = content.attachments.map((attachment) =>
      attachmentJson(holder, attachment, { select: null, item: false }),
    );
  }
  return json;
}

/** An extended property's value; `String 0x001A`, the class, is there without being stored. */
export function eventProperty(stored: Readonly<Record<string, string>>, id: string): string | undefined {
  return stored[id] ?? (id === 'String 0x1a' ? 'IPM.Appointment' : undefined);
}

/** What a series is asked for by its id, and only then. */
export function occurrencesJson(subject: EventSubject, shape: EventShape): Record<string, unknown> {
  const { context, book, key, state, request, instance } = subject;
  if (state.recurrence === null || instance !== null) return {};
  const json: Record<string, unknown> = {};
  if (shape.cancelledOccurrences) {
    const id = appointmentId(context, book, key, request.preferences);
    json['cancelledOccurrences'] = state.cancelled.map((date) => `OID.${id}.${date}`);
  }
  const nested = shape.expansion.others.get('exceptionOccurrences');
  if (nested !== undefined) {
    const others = new Map(/\battachments\b/.test(nested) ? [['attachments', '']] : []);
    const full = eventShape(null, { properties: null, others });
    json['exceptionOccurrences'] = Object.keys(state.exceptions)
      .sort()
      .flatMap((date) => instanceAt(state, date) ?? [])
      .map((exception) => eventJson({ ...subject, instance: exception }, full));
  }
  return json;
}

/** The change key of an appointment or series, or of an exception. */
export function changeKeyOfEvent({ context, book, key, state, instance }: EventSubject): string {
  const exception = instance?.exception ?? null;
  if (exception !== null)
    return changeKeyOf('exception', book.number, key, exception.revision, readDay(instance!.date!));
  const isKept = context.tenant.settings.keepSeriesKey === 1;
  return changeKeyOf('event', book.number, key, isKept ? ownRevision(state) : state.revision);
}

/** Without the changes that were about single occurrences. */
function ownRevision({ revision, exceptions, cancelled }: AppointmentState): number {
  return Object.values(exceptions).reduce((rest, one) => rest - one.revision, revision - cancelled.length);
}

export function eventId({ context, book, key, request, instance }: EventSubject): string {
  return instanceId(context, book, key, instance ?? { date: null, exception: null }, request.preferences);
}

/** Differs for each occurrence of a series. @param date of the occurrence; null for the whole */
export function iCalUId(uid: string, date: string | null): string {
  const [year, month, day] = (date ?? '0-0-0').split('-').map(Number) as [number, number, number];
  const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0');
  return `${UID_START}${hex(year, 4)}${hex(month, 2)}${hex(day, 2)}${uid}`;
}

function eventType({ state, instance }: Written): string {
  if (instance !== null) return instance.exception === null ? 'occurrence' : 'exception';
  return state.recurrence === null ? 'singleInstance' : 'seriesMaster';
}

function originalStartText({ originalStart }: Instance): string {
  return originalStart.length === 10 ? instantText(Date.parse(originalStart)) : originalStart;
}

function attendeeJson(attendee: Attendee): object {
  return { type: attendee.type, status: { response: attendee.response, time: NEVER }, ...recipient(attendee) };
}
