import { canonicalHash } from '../../mail/truth/canonical-form.ts';
import { changeKeyOf } from '../../outlook/change-key.ts';
import type { CalendarListTruth, CalendarTruth, EventTruth } from '../../protocol/calendar/truth.ts';
import type { Tenant } from '../../tenant/tenant.ts';
import { stateAt } from '../../tenant/versions.ts';
import type { AppointmentState } from '../state/appointment.ts';
import type { CalendarBook } from '../state/calendar-book.ts';
import { canonicalEvent } from './canonical-event.ts';

/** A {@link CalendarTruth} whose events are still to be read, once. */
export type LazyCalendarTruth = Omit<CalendarTruth, 'events'> & { events: Generator<EventTruth> };

/** What the calendars of a mailbox held at a mark, from what they were generated or posted as. */
export function calendarTruth(tenant: Tenant, book: CalendarBook, mark: number, forms: boolean): LazyCalendarTruth {
  const owner = tenant.owner(book.number);
  const own = new Map<number, string>();
  const calendars = [...book.calendars].flatMap(([key, { versions }]): CalendarListTruth[] => {
    const state = stateAt(versions, mark);
    if (state === null) return [];
    const isOwn = state.sharedBy === null;
    if (isOwn) own.set(key, state.name);
    const id = tenant.ids.encode('calendar', book.number, key);
    return [{ id, name: state.name, isDefault: state.isDefault, isOwn }];
  });
  function* events(): Generator<EventTruth> {
    for (const [key, { versions }] of book.appointments) {
      const state = stateAt(versions, mark);
      const name = state === null ? undefined : own.get(state.calendar);
      if (state !== null && name !== undefined) yield eventTruth(tenant, book, key, state, name, forms);
    }
  }
  return { mailbox: owner.id, userPrincipalName: owner.userPrincipalName, mark, calendars, events: events() };
}

function eventTruth(
  tenant: Tenant,
  book: CalendarBook,
  key: number,
  state: AppointmentState,
  calendar: string,
  forms: boolean,
): EventTruth {
  const canonical = canonicalEvent(state, [calendar], tenant.content);
  return {
    id: tenant.ids.encode('event', book.number, key),
    calendarId: tenant.ids.encode('calendar', book.number, state.calendar),
    changeKey: changeKeyOf('event', book.number, key, state.revision),
    type: state.recurrence === null ? 'singleInstance' : 'seriesMaster',
    canonicalHash: canonicalHash(canonical),
    ...(forms && { canonical }),
  };
}
