import type { GraphContext } from '../../graph/graph-context.ts';
import type { GraphRequest } from '../../http/graph-request.ts';
import type { AppointmentState } from '../state/appointment.ts';
import type { CalendarBook } from '../state/calendar-book.ts';
import type { Instance } from '../state/instances.ts';

/** An appointment, series or occurrence at the moment it is written into an answer. */
export interface EventSubject {
  context: GraphContext;
  request: Pick<GraphRequest, 'preferences'>;
  book: CalendarBook;
  key: number;
  state: AppointmentState;
  /** The occurrence of a series; null for appointments and whole series. */
  instance: Instance | null;
}
