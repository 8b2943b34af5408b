import { badRequest } from '../../http/graph-error.ts';
import { readFilter, type Filterable } from '../../outlook/filter.ts';
import type { AppointmentState } from '../state/appointment.ts';
import type { CalendarBook, CalendarRecord } from '../state/calendar-book.ts';
import { eventProperty, iCalUId } from './event-json.ts';

const FIELDS: Omit<Filterable<AppointmentState>, 'indexed'> = {
  exact: {
    iCalUId: ({ uid }) => iCalUId(uid, null),
    transactionId: ({ transactionId }) => transactionId,
  },
  compared: {
    subject: ({ content }) => (content.subject ?? '').toLowerCase(),
    createdDateTime: (state) => state.createdAt,
    lastModifiedDateTime: (state) => state.modifiedAt,
    'start/dateTime': ({ content }) => instantOf(content.start),
    'end/dateTime': ({ content }) => instantOf(content.end),
    isAllDay: ({ content }) => String(content.isAllDay),
    isCancelled: ({ content }) => String(content.isCancelled),
    type: ({ recurrence }) => (recurrence === null ? 'singleinstance' : 'seriesmaster'),
  },
  searched: { subject: ({ content }) => content.subject ?? '' },
  property: ({ properties }, id) => eventProperty(properties, id),
};

/** Keys of the calendar's appointments that a `$filter` lets through. @throws GraphError for what is not supported */
export function filterEvents(book: CalendarBook, calendar: CalendarRecord, text: string | undefined): number[] {
  if (text === undefined) return [...calendar.appointments];
  const filter = readFilter(text, {
    ...FIELDS,
    indexed: (name, value) => {
      if (name === 'iCalUId') return book.having('uid', value.slice(-32));
      return name === 'String 0x1a' ? null : book.having(name, value);
    },
  });
  return [...(filter.candidates() ?? calendar.appointments)].filter((key) => {
    const state = book.appointment(key);
    return state?.calendar === calendar.key && filter.matches(state);
  });
}

/** In the order of making unless `$orderby` says otherwise. */
export function orderEvents(book: CalendarBook, keys: number[], orderBy: string | undefined): number[] {
  if (orderBy === undefined) return keys.sort((a, b) => a - b);
  const [name, direction = 'asc'] = orderBy.trim().split(/\s+/);
  const read = FIELDS.compared[name!];
  if (read === undefined) throw badRequest(`Ordering by '${orderBy}' is not supported.`, 'ErrorInvalidUrlQuery');
  const sign = direction.toLowerCase() === 'desc' ? -1 : 1;
  return keys.sort((a, b) => {
    const [x, y] = [read(book.appointment(a)!) ?? '', read(book.appointment(b)!) ?? ''];
    return x === y ? sign * (a - b) : x < y ? -sign : sign;
  });
}

function instantOf(time: string): string {
  return time.length === 10 ? `${time}T00:00:00Z` : time;
}
