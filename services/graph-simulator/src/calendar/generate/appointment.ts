import { PHRASES, type Language } from '../../generate/languages.ts';
import type { Random } from '../../generate/random.ts';
import { isoSeconds } from '../../mail/generate/message.ts';
import type { Address, FileAttachment } from '../../mail/state/message.ts';
import type { AppointmentContent, AppointmentState, Attendee, Recurrence } from '../state/appointment.ts';
import { newAppointmentState } from '../state/next-state.ts';
import { DAY_MS, dayOf, dayText } from '../time/days.ts';
import { timeZone } from '../time/zones.ts';
import { addOddities } from './exceptions.ts';
import { generatePattern, PATTERN_TYPES } from './pattern.ts';

/** What a generated appointment is made for. */
export interface AppointmentPlan {
  /** Key of the calendar. */
  calendar: number;
  /** One of {@link APPOINTMENT_KINDS}. */
  kind: string;
  owner: Address;
  people: readonly Address[];
  language: Language;
  /** Days after 2024-01-01 that its start may lie in. */
  days: readonly [from: number, to: number];
}

/** Each kind of appointment by name; a mailbox with enough of them has each at least once. */
export const APPOINTMENT_KINDS: readonly string[] = [
  'single',
  ...PATTERN_TYPES.map((type) => `series ${type}`),
  'all-day',
  'meeting',
  'single',
  'several days',
  'series all-day',
  'invited',
  'attachments',
  'plain',
];

const ZONES = [
  'UTC',
  'W. Europe Standard Time',
  'W. Europe Standard Time',
  'Pacific Standard Time',
  'Eastern Standard Time',
  'India Standard Time',
  'AUS Eastern Standard Time',
  'Tokyo Standard Time',
] as const;
const PLACES = ['Room 1', 'Zürich / Büro', '会議室 3', 'Online', ''] as const;
const START = dayOf(2024, 1, 1);

/** An appointment; deterministic in plan and random stream. */
export function generateAppointment(plan: AppointmentPlan, random: Random): AppointmentState {
  const zone = random.pick(ZONES);
  const isAllDay = plan.kind.includes('all-day');
  const repeats = plan.kind.startsWith('series');
  const day = START + plan.days[0] + random.below(plan.days[1] - plan.days[0]);
  const recurrence = repeats ? generateRecurrence(plan.kind, day, zone, random) : null;
  const content = {
    ...describe(plan, random),
    ...(isAllDay
      ? wholeDays(recurrence?.range.startDate ?? dayText(day), 1 + random.below(3), zone)
      : hours(recurrence?.range.startDate ?? dayText(day), plan.kind === 'several days' ? 3000 : 90, zone, random)),
  };
  const made = isoSeconds((day - 10) * DAY_MS + random.below(86_400) * 1000);
  const uid = Array.from({ length: 4 }, () => random.bits().toString(16).padStart(8, '0'))
    .join('')
    .toUpperCase();
  const state = newAppointmentState(plan.calendar, content, recurrence, uid, made);
  return repeats ? addOddities(state, plan.people, random) : state;
}

function generateRecurrence(kind: string, day: number, zone: string, random: Random): Recurrence {
  const named = kind.replace('series ', '');
  const type = PATTERN_TYPES.find((candidate) => candidate === named) ?? 'weekly';
  const { pattern, first } = generatePattern(type, day, random);
  const range = random.pick(['endDate', 'noEnd', 'numbered'] as const);
  return {
    pattern,
    range: {
      type: range,
      startDate: dayText(first),
      endDate: range === 'endDate' ? dayText(first + 30 + random.below(700)) : null,
      numberOfOccurrences: range === 'numbered' ? 3 + random.below(20) : 0,
      timeZone: zone,
    },
  };
}

type Times = Pick<AppointmentContent, 'isAllDay' | 'start' | 'end' | 'startZone' | 'endZone'>;

function wholeDays(date: string, count: number, zone: string): Times {
  const end = dayText(Math.round(Date.parse(date) / DAY_MS) + count);
  return { isAllDay: true, start: date, end, startZone: zone, endZone: zone };
}

/** @param mostMinutes that it may last */
function hours(date: string, mostMinutes: number, zone: string, random: Random): Times {
  const local = Date.parse(`${date}T00:00:00Z`) + (7 * 4 + random.below(12 * 4)) * 900_000;
  const start = timeZone(zone)!.toInstant(local);
  const end = start + random.below(mostMinutes / 15) * 900_000;
  return { isAllDay: false, start: isoSeconds(start), end: isoSeconds(end), startZone: zone, endZone: zone };
}

function describe(plan: AppointmentPlan, random: Random): Omit<AppointmentContent, keyof Times> {
  const phrases = PHRASES[plan.language];
  const { kind, owner, people } = plan;
  const invited = kind === 'invited';
  const place = random.pick(PLACES);
  const location = {
    displayName: place,
    locationType: 'default',
    uniqueIdType: 'unknown',
    address: {},
    coordinates: {},
  };
  const meeting = invited || kind === 'meeting' || (kind.startsWith('series') && random.chance(0.4));
  const attachments =
    kind === 'attachments' ? generateFiles(2, random) : random.chance(0.1) ? generateFiles(1, random) : [];
  const online = meeting && random.chance(0.3);
  return {
    subject: kind === 'plain' ? null : `${random.pick(phrases.subjects)}  ${random.below(10_000)}`,
    body: {
      type: 'html',
      source:
        kind === 'plain'
          ? { from: 'text', text: '' }
          : {
              from: 'seed',
              seed: random.bits(),
              size: 200 + random.below(3000),
              language: plan.language,
              html: true,
              inlineIds: [],
            },
    },
    location,
    locations: place === '' ? [] : [location],
    showAs: random.pick(['busy', 'busy', 'busy', 'free', 'tentative', 'oof', 'workingElsewhere'] as const),
    sensitivity: random.pick(['normal', 'normal', 'normal', 'private', 'personal', 'confidential'] as const),
    importance: random.pick(['normal', 'normal', 'normal', 'high', 'low'] as const),
    categories: random.chance(0.3) ? ['Zebra', 'Blue category', 'Größe'].filter(() => random.chance(0.6)) : [],
    isReminderOn: random.chance(0.7),
    reminderMinutesBeforeStart: random.pick([0, 5, 15, 15, 60, 1440]),
    organizer: invited ? random.pick(people) : owner,
    attendees: meeting ? generateAttendees(people, random) : [],
    response: invited ? random.pick(['accepted', 'tentativelyAccepted', 'notResponded'] as const) : 'organizer',
    responseRequested: random.chance(0.9),
    allowNewTimeProposals: random.chance(0.9),
    hideAttendees: false,
    isOnlineMeeting: online,
    joinUrl: online ? `https://teams.example/l/meetup-join/${random.bits()}` : null,
    isCancelled: invited && random.chance(0.1),
    attachments,
  };
}

function generateAttendees(people: readonly Address[], random: Random): Attendee[] {
  return Array.from({ length: 1 + random.below(6) }, () => ({
    ...random.pick(people),
    type: random.pick(['required', 'required', 'optional', 'resource'] as const),
    response: random.pick(['none', 'accepted', 'declined', 'tentativelyAccepted', 'notResponded'] as const),
  }));
}

function generateFiles(count: number, random: Random): FileAttachment[] {
  return Array.from({ length: count }, (_, at) => ({
    kind: 'file',
    key: at + 1,
    name: `Agenda ${random.below(1000)}.${random.pick(['pdf', 'docx', 'txt'])}`,
    contentType: 'application/octet-stream',
    contentId: null,
    isInline: false,
    bytes: { from: 'seed', seed: random.bits(), size: 500 + random.below(20_000), kind: 'mixed' },
  }));
}
