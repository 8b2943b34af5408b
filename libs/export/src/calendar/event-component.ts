import type { Attendee, EventProperties, Recipient, StoredEvent } from '@backhaul/engine';
import { mailto, plainLine, plainText, type Component, type Property } from '../content-line.ts';
import { textOfHtml } from '../html-text.ts';
import { cancelledDates, eventTimes, recurrenceId, timeProperty, untilOf, type EventTimes } from './event-times.ts';
import { attachmentLines, type BesideFile } from './event-attachments.ts';
import { missesMonths, recurrenceRule } from './recurrence-rule.ts';

/** An event as components of iCalendar. */
export interface EventComponents {
  /** The event, or the series before its exceptions. */
  events: Component[];
  /** IANA names of the zones whose definitions the events need. */
  zones: string[];
  /** Attachments too large to be written into a calendar. */
  beside: BesideFile[];
  losses: string[];
}

/** The event with everything that belongs to it (RFC 5545); a series with a rule, its cancelled dates and its exceptions. */
export function eventComponents({ properties, attachments, exceptions }: StoredEvent): EventComponents {
  const times = eventTimes(properties);
  const losses: string[] = [];
  if (times.unknownZone !== null)
    losses.push(`Nobody knows the time zone ${JSON.stringify(times.unknownZone)}: times are in UTC.`);
  const uid = plainLine(properties.iCalUId) || properties.id;
  const own = attachmentLines(attachments);
  const start = startOf(properties, times, losses);
  const whole: Component[] = [
    component(uid, properties, times, [start, ...seriesLines(properties, start, times, losses), ...own.lines]),
  ];
  const beside = [...own.beside];
  for (const exception of exceptions) {
    const replaced = recurrenceId(exception.originalStart, times);
    const itsOwn = attachmentLines(exception.attachments);
    if (replaced === null) losses.push('A changed occurrence does not say which one it replaces and is left out.');
    else {
      const itsStart = startOf(exception.properties, times, losses);
      whole.push(component(uid, exception.properties, times, [itsStart, replaced, ...itsOwn.lines]));
    }
    beside.push(...itsOwn.beside);
    losses.push(...itsOwn.losses);
  }
  return {
    events: whole,
    zones: times.zone === 'UTC' || times.isAllDay ? [] : [times.zone],
    beside,
    losses: [...own.losses, ...losses],
  };
}

function startOf(event: EventProperties, times: EventTimes, losses: string[]): Property {
  const start = timeProperty('dtstart', event.start, times);
  if (start !== null) return start;
  losses.push('The event has no start; the day it was made stands for it.');
  return ['dtstart', {}, 'date', isoTime(event.createdDateTime).slice(0, 10)];
}

function seriesLines(event: EventProperties, start: Property, times: EventTimes, losses: string[]): Property[] {
  if (!event.recurrence) return [];
  const rule = recurrenceRule(event.recurrence, (date) => untilOf(date, start, times));
  if (missesMonths(event.recurrence)) {
    losses.push('In months without this day Microsoft takes their last one; calendar programs take none.');
  }
  if (rule === null) {
    losses.push('The rule by which the event repeats is not known; only its first occurrence is exported.');
    return [];
  }
  const dates = (event.cancelledOccurrences ?? []).flatMap((id) => /\d{4}-\d\d-\d\d$/.exec(id ?? '')?.[0] ?? []);
  const cancelled = cancelledDates(dates, start, times);
  return [['rrule', {}, 'recur', rule], ...(cancelled === null ? [] : [cancelled])];
}

function component(uid: string, event: EventProperties, times: EventTimes, lines: Property[]): Component {
  const changed = isoTime(event.lastModifiedDateTime ?? event.createdDateTime);
  const end = timeProperty('dtend', event.end, times);
  const properties: Property[] = [
    ['uid', {}, 'text', uid],
    ['dtstamp', {}, 'date-time', changed],
    ['created', {}, 'date-time', isoTime(event.createdDateTime)],
    ['last-modified', {}, 'date-time', changed],
    ...lines,
    ...(end === null ? [] : [end]),
    ...textLines(event),
    ...stateLines(event),
    ...peopleLines(event),
  ];
  return ['vevent', properties, reminder(event)];
}

function textLines({ subject, body, location, locations, categories, onlineMeeting }: EventProperties): Property[] {
  const content = body?.content ?? '';
  const isHtml = body?.contentType?.toLowerCase() === 'html';
  const description = plainText(isHtml ? textOfHtml(content) : content);
  const names = (locations ?? []).map((one) => plainText(one?.displayName)).filter((name) => name !== '');
  const place = plainText(location?.displayName) || names.join('; ');
  const marks = (categories ?? []).map(plainText).filter((category) => category !== '');
  const join = plainLine(onlineMeeting?.joinUrl);
  return [
    ['summary', {}, 'text', plainText(subject)],
    ...(description === '' ? [] : [['description', {}, 'text', description] satisfies Property]),
    ...(isHtml && content !== ''
      ? [['x-alt-desc', { fmttype: 'text/html' }, 'text', plainText(content)] satisfies Property]
      : []),
    ...(place === '' ? [] : [['location', {}, 'text', place] satisfies Property]),
    ...(marks.length === 0 ? [] : [['categories', {}, 'text', ...marks] satisfies Property]),
    ...(join === '' ? [] : [['x-microsoft-skypeteamsmeetingurl', {}, 'text', join] satisfies Property]),
  ];
}

const PRIORITIES = new Map([
  ['high', 1],
  ['low', 9],
]);
const CLASSES = new Map([
  ['personal', 'PRIVATE'],
  ['private', 'PRIVATE'],
  ['confidential', 'CONFIDENTIAL'],
]);
const BUSY_STATUS = new Map([
  ['free', 'FREE'],
  ['tentative', 'TENTATIVE'],
  ['oof', 'OOF'],
  ['workingElsewhere', 'WORKINGELSEWHERE'],
]);

function stateLines({ showAs, importance, sensitivity, isCancelled }: EventProperties): Property[] {
  const priority = PRIORITIES.get(importance ?? '');
  return [
    ['transp', {}, 'text', showAs === 'free' || showAs === 'workingElsewhere' ? 'TRANSPARENT' : 'OPAQUE'],
    ['x-microsoft-cdo-busystatus', {}, 'text', BUSY_STATUS.get(showAs ?? '') ?? 'BUSY'],
    ['class', {}, 'text', CLASSES.get(sensitivity ?? '') ?? 'PUBLIC'],
    ...(priority === undefined ? [] : [['priority', {}, 'integer', priority] satisfies Property]),
    ...(isCancelled === true ? [['status', {}, 'text', 'CANCELLED'] satisfies Property] : []),
  ];
}

function peopleLines({ organizer, attendees }: EventProperties): Property[] {
  const host = person(organizer);
  return [
    ...(host === null ? [] : [['organizer', host.parameters, 'cal-address', host.address] satisfies Property]),
    ...(attendees ?? []).flatMap((attendee): Property[] => {
      const invited = attendee === null ? null : person(attendee);
      if (attendee === null || invited === null) return [];
      return [['attendee', { ...invited.parameters, ...participation(attendee) }, 'cal-address', invited.address]];
    }),
  ];
}

const ROLES = new Map<string, Record<string, string>>([
  ['optional', { role: 'OPT-PARTICIPANT' }],
  ['resource', { role: 'NON-PARTICIPANT', cutype: 'RESOURCE' }],
]);
const STATES = new Map([
  ['accepted', 'ACCEPTED'],
  ['organizer', 'ACCEPTED'],
  ['declined', 'DECLINED'],
  ['tentativelyAccepted', 'TENTATIVE'],
]);

function participation({ type, status }: Attendee): Record<string, string> {
  return {
    ...(ROLES.get(type ?? '') ?? { role: 'REQ-PARTICIPANT' }),
    partstat: STATES.get(status?.response ?? '') ?? 'NEEDS-ACTION',
  };
}

/** Null for somebody with neither name nor address. */
function person(of: Recipient | null | undefined): { parameters: Record<string, string>; address: string } | null {
  const name = plainLine(of?.emailAddress?.name);
  const address = plainLine(of?.emailAddress?.address);
  if (name === '' && address === '') return null;
  // Who has no address still has a name; the other value is what calendars use then.
  return { parameters: name === '' ? {} : { cn: name }, address: address === '' ? 'invalid:nomail' : mailto(address) };
}

function reminder({ isReminderOn, reminderMinutesBeforeStart }: EventProperties): Component[] {
  if (isReminderOn !== true) return [];
  const minutes = Math.trunc(reminderMinutesBeforeStart ?? 0);
  const trigger = `${minutes < 0 ? '' : '-'}PT${Math.abs(minutes)}M`;
  const properties: Property[] = [
    ['action', {}, 'text', 'DISPLAY'],
    ['description', {}, 'text', 'Reminder'],
    ['trigger', {}, 'duration', trigger],
  ];
  return [['valarm', properties, []]];
}

/** `YYYY-MM-DDTHH:MM:SSZ`; the beginning of 1970 for what is no time. */
function isoTime(time: string | null | undefined): string {
  const parsed = Date.parse(time ?? '');
  return `${new Date(Number.isNaN(parsed) ? 0 : parsed).toISOString().slice(0, 19)}Z`;
}
