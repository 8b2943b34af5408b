import type { EventLocation, EventProperties, Recurrence, SourceEvent, ZonedTime } from '../../calendar-source.ts';
import type { EventFields } from '../../calendar-target.ts';
import type { AttachmentToCreate } from '../../item-target.ts';
import { attachmentsAsRestored, attachmentsToCreate } from '../attachments.ts';
import type { Loss } from '../restore-kind.ts';
import { peopleOf, withPeople } from './people-in-body.ts';

/** A stored event as it can be created again. */
export interface RestorableEvent {
  /** What it looks like once it is there: as stored, without what cannot be given back. */
  event: SourceEvent;
  fields: EventFields;
  attachments: AttachmentToCreate[];
  /** Changed occurrences of a series, by their original start. */
  changed: RestorableOccurrence[];
  losses: Loss[];
}

/** A changed occurrence of a series as it can be made again. */
export interface RestorableOccurrence {
  /** ISO 8601 UTC. */
  originalStart: string;
  fields: EventFields;
  attachments: AttachmentToCreate[];
}

/** Builds what is to be created from what is stored; exceptions of a series are treated like it. */
export async function restorableEvent(stored: SourceEvent): Promise<RestorableEvent> {
  const losses: Loss[] = [];
  const event = asRestored(stored, losses);
  const changed: RestorableOccurrence[] = [];
  for (const { originalStart, properties, attachments } of stored.exceptions) {
    const fields = fieldsOf(asTaken(properties, losses));
    changed.push({ originalStart, fields, attachments: await attachmentsToCreate(attachments, losses) });
  }
  return {
    event,
    fields: fieldsOf(event.properties),
    attachments: await attachmentsToCreate(stored.attachments, losses),
    changed: changed.sort((a, b) => Date.parse(a.originalStart) - Date.parse(b.originalStart)),
    losses: [...new Map(losses.map((loss) => [loss.code + loss.message, loss])).values()],
  };
}

function asRestored({ properties, attachments, exceptions }: SourceEvent, losses: Loss[]): SourceEvent {
  return {
    properties: asTaken(properties, losses),
    attachments: attachmentsAsRestored(attachments),
    exceptions: exceptions.map((exception) => ({
      ...exception,
      properties: asTaken(exception.properties, losses),
      attachments: attachmentsAsRestored(exception.attachments),
    })),
  };
}

/** What the target is told of an event or an occurrence. Of a list of places only the whole list counts. */
function fieldsOf(properties: EventProperties): EventFields {
  const { location, locations, recurrence, start, end } = properties;
  const places = (locations ?? []).filter((place) => place !== null);
  return {
    subject: properties.subject ?? '',
    body: { contentType: properties.body?.contentType ?? 'text', content: properties.body?.content ?? '' },
    ...(start && { start }),
    ...(end && { end }),
    isAllDay: properties.isAllDay ?? false,
    ...(places.length > 1 ? { locations: places.map(placeOf) } : { location: placeOf(location) }),
    ...(recurrence && { recurrence: recurrenceOf(recurrence) }),
    categories: (properties.categories ?? []).filter((category) => category !== null),
    importance: properties.importance ?? 'normal',
    sensitivity: properties.sensitivity ?? 'normal',
    showAs: properties.showAs ?? 'busy',
    isReminderOn: properties.isReminderOn ?? false,
    reminderMinutesBeforeStart: properties.reminderMinutesBeforeStart ?? 0,
    responseRequested: properties.responseRequested ?? true,
    allowNewTimeProposals: properties.allowNewTimeProposals ?? true,
  };
}

function asTaken(properties: EventProperties, losses: Loss[]): EventProperties {
  const people = peopleOf(properties);
  if (people !== null) {
    const message = 'Organizer and attendees stand in the body: with attendees, Microsoft would send invitations.';
    losses.push({ code: 'restore.attendees-in-body', message });
  }
  const joinUrl = properties.onlineMeeting?.joinUrl ?? properties.onlineMeetingUrl ?? '';
  if (properties.isOnlineMeeting === true || joinUrl !== '') {
    const message = `The online meeting${joinUrl === '' ? '' : ` (${joinUrl})`} cannot be joined to it again.`;
    losses.push({ code: 'restore.online-meeting-left-out', message });
  }
  const { start, end } = properties;
  return {
    ...properties,
    ...(properties.isAllDay === true && { start: start && midnight(start), end: end && midnight(end) }),
    ...(people !== null && { body: withPeople(properties.body, people) }),
    attendees: [],
    isOnlineMeeting: false,
    onlineMeeting: null,
  };
}

/** Ids of a place mean something in the directory of the mailbox it was stored from, and nowhere else. */
function placeOf(place: EventLocation | null | undefined): EventLocation {
  const { uniqueId: _uniqueId, uniqueIdType: _uniqueIdType, ...said } = place ?? {};
  return { ...said, displayName: place?.displayName ?? '' };
}

/** Exchange takes events of whole days from midnight to midnight only; the nearest one is meant. */
function midnight({ dateTime, timeZone }: ZonedTime): ZonedTime {
  const at = Date.parse(`${dateTime.slice(0, 19)}Z`);
  if (Number.isNaN(at)) return { dateTime, timeZone };
  const day = new Date(at + 43_200_000).toISOString().slice(0, 10);
  return { dateTime: `${day}T00:00:00`, timeZone };
}

/** Parts of a range that its type does not use hold years 1 and empty zones, which Exchange refuses. */
function recurrenceOf({ pattern, range }: Recurrence): Recurrence {
  const { type, startDate, endDate, numberOfOccurrences, recurrenceTimeZone } = range ?? {};
  return {
    ...(pattern && { pattern }),
    range: {
      ...(type && { type }),
      ...(startDate && { startDate }),
      ...(type === 'endDate' && endDate && { endDate }),
      ...(type === 'numbered' && numberOfOccurrences && { numberOfOccurrences }),
      ...(recurrenceTimeZone && { recurrenceTimeZone }),
    },
  };
}
