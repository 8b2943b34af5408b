import { canonicalAttachments, canonicalBody } from '../../mail/truth/canonical-form.ts';
import { byCodeUnit, byJsonText, canonicalAddress, oneLine } from '../../outlook/canonical-text.ts';
import type { CanonicalEvent, CanonicalOccurrence, CanonicalRecurrence } from '../../protocol/calendar/truth.ts';
import type { Content } from '../../tenant/content.ts';
import type { AppointmentContent, AppointmentState, Recurrence } from '../state/appointment.ts';
import { instanceAt } from '../state/instances.ts';
import type { Pattern } from '../time/recurrence.ts';

/*
 * The canonical form of an event, written from `docs/canonical-form.md` alone and from the structure that it is stored as,
 * never from an answer of Graph. The members stand in the order of that page, because the hash is of their JSON text.
 */

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const INDEXES = ['first', 'second', 'third', 'fourth', 'last'];

export function canonicalEvent(state: AppointmentState, folderPath: string[], content: Content): CanonicalEvent {
  const { attendees, attachments, ...said } = occurrence(state.content, content);
  const { organizer } = state.content;
  return {
    folderPath,
    ...said,
    recurrence: state.recurrence === null ? null : recurrence(state.recurrence, state.content.startZone),
    organizer: organizer === null ? null : canonicalAddress(organizer),
    attendees,
    attachments,
    exceptions: exceptions(state, content),
    cancelled: [...state.cancelled].sort(byCodeUnit),
  };
}

function occurrence(said: AppointmentContent, content: Content): CanonicalOccurrence {
  return {
    subject: oneLine(said.subject ?? ''),
    body: canonicalBody(said.body, content),
    start: said.start,
    end: said.end,
    isAllDay: said.isAllDay,
    timeZone: said.startZone,
    location: oneLine(said.location.displayName),
    showAs: said.showAs,
    sensitivity: said.sensitivity,
    importance: said.importance,
    categories: [...said.categories].sort(byCodeUnit),
    isReminderOn: said.isReminderOn,
    reminderMinutesBeforeStart: said.isReminderOn ? said.reminderMinutesBeforeStart : 0,
    attendees: byJsonText(
      said.attendees.map((attendee) => ({
        ...canonicalAddress(attendee),
        type: attendee.type,
        response: attendee.response,
      })),
    ),
    attachments: canonicalAttachments(said.attachments, content),
  };
}

function exceptions(state: AppointmentState, content: Content): CanonicalEvent['exceptions'] {
  return Object.keys(state.exceptions)
    .flatMap((date) => instanceAt(state, date) ?? [])
    .map((instance) => ({
      originalStart: inUtc(instance.originalStart),
      event: occurrence(instance.content, content),
    }))
    .sort((a, b) => byCodeUnit(a.originalStart, b.originalStart));
}

/** An all-day occurrence starts at midnight of UTC. */
function inUtc(time: string): string {
  return time.length === 10 ? `${time}T00:00:00Z` : time;
}

function recurrence({ pattern, range }: Recurrence, zone: string): CanonicalRecurrence {
  return {
    pattern: canonicalPattern(pattern),
    range: {
      type: range.type,
      startDate: range.startDate,
      ...(range.type === 'endDate' && range.endDate !== null && { endDate: range.endDate }),
      ...(range.type === 'numbered' && { numberOfOccurrences: range.numberOfOccurrences }),
      timeZone: range.timeZone ?? zone,
    },
  };
}

function canonicalPattern(pattern: Pattern): CanonicalRecurrence['pattern'] {
  return {
    type: pattern.type,
    interval: pattern.interval,
    ...('daysOfWeek' in pattern && {
      daysOfWeek: [...pattern.daysOfWeek].sort((a, b) => a - b).map((day) => DAYS[day]!),
    }),
    ...('dayOfMonth' in pattern && { dayOfMonth: pattern.dayOfMonth }),
    ...('month' in pattern && { month: pattern.month }),
    ...('index' in pattern && { index: INDEXES[pattern.index]! }),
    ...('firstDayOfWeek' in pattern && { firstDayOfWeek: DAYS[pattern.firstDayOfWeek]! }),
  };
}
