import type { Attachment } from '../../mail/state/message.ts';
import type { Tenant } from '../../tenant/tenant.ts';
import type { AppointmentContent, AppointmentState, CalendarState } from './appointment.ts';
import type { CalendarBook } from './calendar-book.ts';
import { changedException, type OccurrenceMore } from './next-state.ts';

/*
 * What can be done to calendars. Each operation writes one event for each calendar or appointment that it touches; whether
 * it is allowed, and who has to be told, is the business of the callers.
 */

export function createCalendar(tenant: Tenant, book: CalendarBook, state: CalendarState): number {
  const key = book.newKey();
  tenant.apply({ do: 'calendar', mailbox: book.number, key, state });
  return key;
}

export function changeCalendar(tenant: Tenant, book: CalendarBook, key: number, set: Partial<CalendarState>): void {
  const before = book.calendar(key)!;
  const state = { ...before, ...set, revision: before.revision + 1 };
  tenant.apply({ do: 'calendar', mailbox: book.number, key, state });
}

/** Removes a calendar with all that is in it. */
export function removeCalendar(tenant: Tenant, book: CalendarBook, key: number): void {
  for (const appointment of [...book.calendars.get(key)!.appointments]) removeAppointment(tenant, book, appointment);
  tenant.apply({ do: 'calendar', mailbox: book.number, key, state: null });
}

export function createAppointment(tenant: Tenant, book: CalendarBook, state: AppointmentState): number {
  const key = book.newKey();
  tenant.apply({ do: 'appointment', mailbox: book.number, key, state });
  return key;
}

/** Replaces parts of an appointment's state; its change key changes. @param now ISO 8601 */
export function changeAppointment(
  tenant: Tenant,
  book: CalendarBook,
  key: number,
  set: Partial<AppointmentState>,
  now: string,
): AppointmentState {
  const before = book.appointment(key)!;
  const state: AppointmentState = { ...before, ...set, modifiedAt: now, revision: before.revision + 1 };
  tenant.apply({ do: 'appointment', mailbox: book.number, key, state });
  return state;
}

/** Makes an occurrence an exception, or changes the exception that it is. */
export function changeOccurrence(
  tenant: Tenant,
  book: CalendarBook,
  key: number,
  date: string,
  set: Partial<AppointmentContent>,
  now: string,
  more: OccurrenceMore = {},
): AppointmentState {
  const state = book.appointment(key)!;
  const exception = changedException(state.exceptions[date], set, more, now);
  return changeAppointment(tenant, book, key, { exceptions: { ...state.exceptions, [date]: exception } }, now);
}

/** The occurrence of a series on a date takes place no more. */
export function cancelOccurrence(tenant: Tenant, book: CalendarBook, key: number, date: string, now: string): void {
  const state = book.appointment(key)!;
  const { [date]: _, ...exceptions } = state.exceptions;
  const cancelled = [...state.cancelled, date].sort();
  changeAppointment(tenant, book, key, { exceptions, cancelled }, now);
}

export function removeAppointment(tenant: Tenant, book: CalendarBook, key: number): void {
  tenant.apply({ do: 'appointment', mailbox: book.number, key, state: null });
}

/** What attachments of a calendar hang on: an appointment, or the occurrence of a series on a date. */
export interface AttachmentPlace {
  key: number;
  date: string | null;
}

/** Adds one; an occurrence becomes an exception with attachments of its own by that. Returns the attachment's key. */
export function addToAppointment(
  tenant: Tenant,
  book: CalendarBook,
  { key, date }: AttachmentPlace,
  make: (key: number) => Attachment,
  now: string,
): number {
  const state = book.appointment(key)!;
  if (date === null) {
    const attachments = [...state.content.attachments, make(state.nextAttachment)];
    const set = { content: { ...state.content, attachments }, nextAttachment: state.nextAttachment + 1 };
    changeAppointment(tenant, book, key, set, now);
    return state.nextAttachment;
  }
  const own = ownAttachments(state, date);
  const number = state.exceptions[date]?.nextAttachment ?? state.nextAttachment;
  const set = { attachments: [...own, make(number)] };
  changeOccurrence(tenant, book, key, date, set, now, { nextAttachment: number + 1 });
  return number;
}

export function removeFromAppointment(
  tenant: Tenant,
  book: CalendarBook,
  { key, date }: AttachmentPlace,
  number: number,
  now: string,
): void {
  const state = book.appointment(key)!;
  const without = (attachments: readonly Attachment[]): Attachment[] =>
    attachments.filter((attachment) => attachment.key !== number);
  if (date === null) {
    const content = { ...state.content, attachments: without(state.content.attachments) };
    changeAppointment(tenant, book, key, { content }, now);
  } else {
    changeOccurrence(tenant, book, key, date, { attachments: without(ownAttachments(state, date)) }, now);
  }
}

/** Those of an occurrence; it has the series' ones until it gets its own. */
function ownAttachments(state: AppointmentState, date: string): readonly Attachment[] {
  return state.exceptions[date]?.set.attachments ?? state.content.attachments;
}
