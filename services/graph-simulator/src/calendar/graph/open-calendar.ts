import { openMailbox, openMailboxForWriting, type GraphContext, type OpenMailbox } from '../../graph/graph-context.ts';
import { GraphError, itemNotFound, malformedId } from '../../http/graph-error.ts';
import type { Preferences } from '../../http/graph-request.ts';
import type { IdKind } from '../../tenant/ids.ts';
import type { AppointmentState, CalendarState } from '../state/appointment.ts';
import { DEFAULT_CALENDAR, type CalendarBook, type CalendarRecord } from '../state/calendar-book.ts';
import { instanceAt, type Instance } from '../state/instances.ts';
import { dayText, readDay } from '../time/days.ts';

/** The calendars of a mailbox as a request names it. */
export interface OpenBook extends OpenMailbox {
  book: CalendarBook;
}

/** A calendar as a request names it. */
export interface OpenCalendar extends OpenBook {
  calendar: CalendarRecord & { state: CalendarState };
}

/** An appointment, a series, or one occurrence of a series, as a request names it. */
export interface OpenAppointment extends OpenBook {
  key: number;
  state: AppointmentState;
  /** The occurrence; null for appointments and whole series. */
  instance: Instance | null;
}

export function openBook(context: GraphContext, user: string, write = false): OpenBook {
  const open = (write ? openMailboxForWriting : openMailbox)(context, user);
  return { ...open, book: context.tenant.calendars.get(open.mailbox.number)! };
}

/** @param id null for the default calendar */
export function openCalendar({ tenant }: GraphContext, open: OpenBook, id: string | null): OpenCalendar {
  let key = DEFAULT_CALENDAR;
  if (id !== null) {
    const decoded = tenant.ids.decode(id);
    if (decoded === null || decoded.kind !== 'calendar') throw malformedId();
    if (decoded.mailbox !== open.book.number) throw itemNotFound();
    key = decoded.key;
  }
  const calendar = open.book.calendars.get(key);
  if (calendar === undefined || calendar.state === null) throw itemNotFound();
  return { ...open, calendar: calendar as OpenCalendar['calendar'] };
}

/** @throws GraphError for a calendar that may only be read */
export function editable<Open extends OpenCalendar>(open: Open): Open {
  if (open.calendar.state.canEdit) return open;
  throw new GraphError(403, 'ErrorAccessDenied', 'Access is denied. Check credentials and try again.');
}

const EVENT_KINDS: readonly IdKind[] = ['event', 'moved-event'];
const EXCEPTION_KINDS: readonly IdKind[] = ['exception', 'moved-exception'];
const OCCURRENCE_KINDS: readonly IdKind[] = ['occurrence', 'moved-occurrence'];

/**
 * @param id of either form; an occurrence that has become an exception, or the other way round, is found under its new id
 * alone
 */
export function openAppointment({ tenant }: GraphContext, open: OpenBook, id: string): OpenAppointment {
  const decoded = tenant.ids.decode(id);
  if (decoded === null || ![...EVENT_KINDS, ...EXCEPTION_KINDS, ...OCCURRENCE_KINDS].includes(decoded.kind))
    throw malformedId();
  const state = decoded.mailbox === open.book.number ? open.book.appointment(decoded.key) : null;
  if (state === null) throw itemNotFound();
  if (EVENT_KINDS.includes(decoded.kind)) return { ...open, key: decoded.key, state, instance: null };
  const instance = instanceAt(state, dayText(decoded.extra));
  if (instance === null || (instance.exception !== null) !== EXCEPTION_KINDS.includes(decoded.kind))
    throw itemNotFound();
  return { ...open, key: decoded.key, state, instance };
}

export function calendarId({ tenant }: GraphContext, book: CalendarBook, key: number): string {
  return tenant.ids.encode('calendar', book.number, key);
}

/** Of an appointment or series; in the form that the request prefers. */
export function appointmentId(
  { tenant }: GraphContext,
  book: CalendarBook,
  key: number,
  preferences: Preferences,
): string {
  return tenant.ids.encode(preferences.immutableIds ? 'event' : 'moved-event', book.number, key);
}

/** Of an instance of a series, or of the appointment itself. */
export function instanceId(
  context: GraphContext,
  book: CalendarBook,
  key: number,
  { date, exception }: Pick<Instance, 'date' | 'exception'>,
  preferences: Preferences,
): string {
  if (date === null) return appointmentId(context, book, key, preferences);
  const kind = exception === null ? 'occurrence' : 'exception';
  const { ids } = context.tenant;
  return ids.encode(preferences.immutableIds ? kind : `moved-${kind}`, book.number, key, readDay(date));
}
