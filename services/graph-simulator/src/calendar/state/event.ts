import type { AppointmentState, CalendarState } from './appointment.ts';

/** What happens to calendars; a state of null means that it is gone. */
export type CalendarEvent =
  | { do: 'calendar'; mailbox: number; key: number; state: CalendarState | null }
  | { do: 'appointment'; mailbox: number; key: number; state: AppointmentState | null };
