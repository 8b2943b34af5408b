import type { GraphContext } from '../../graph/graph-context.ts';
import { openAppointment, openBook, openCalendar, type OpenAppointment, type OpenCalendar } from './open-calendar.ts';

/** Where calendars are: the default one of a user, and one by its id. */
export const CALENDAR_PATHS = ['/users/{user}', '/users/{user}/calendar', '/users/{user}/calendars/{calendar}'];

/** Where events are; the event is named by the last parameter in braces before what is below it. */
export const EVENT_PATHS = CALENDAR_PATHS.map((path) => `${path}/events/{event}`);

/** The calendar of a path of {@link CALENDAR_PATHS}. @param parameters what stands in its braces, and more */
export function calendarOf(context: GraphContext, path: string, parameters: string[], write = false): OpenCalendar {
  const id = path.includes('{calendar}') ? parameters[1]! : null;
  return openCalendar(context, openBook(context, parameters[0]!, write), id);
}

/** The event of a path of {@link EVENT_PATHS}; an event is found below every calendar of its mailbox. */
export function eventOf(context: GraphContext, path: string, parameters: string[], write = false): OpenAppointment {
  const id = parameters[path.includes('{calendar}') ? 2 : 1]!;
  return openAppointment(context, openBook(context, parameters[0]!, write), id);
}
