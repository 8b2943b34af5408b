import {
  LISTED_EVENT_FIELDS,
  type CalendarSource,
  type EventProperties,
  type ListedEvent,
} from '../src/calendar-source.ts';
import type { ItemChanges } from '../src/item-source.ts';
import type { FakeMailbox } from './fake-mailbox.ts';
import { cursorAt, expired, fakeList, notFound, sequenceOf, unreadable } from './fake-walk.ts';

/** The calendars of the mailbox as a backup reads them. */
export function fakeCalendarSource(mailbox: FakeMailbox): CalendarSource {
  const { calendar } = mailbox;
  return {
    concurrency: mailbox.concurrency,
    folders: (signal) => mailbox.answer('calendars', '', signal, () => structuredClone([...calendar.folders.values()])),
    changes: (calendarId, cursor, signal) => changes(mailbox, calendarId, cursor, signal),
    list: (calendarId, signal) => listedEvents(mailbox, 'eventList', calendarId, signal),
    event: (id, timeZone, signal) =>
      mailbox.answer('event', id, signal, () => {
        const event = calendar.items.get(id);
        if (event === undefined) throw notFound('event', id);
        if (event.unreadable === 'all') throw unreadable('event');
        const { attachments, exceptions } = structuredClone(event);
        return { properties: inZone(event.properties, timeZone), attachments, exceptions };
      }),
  };
}

/** Every walk lists everything; since a cursor it names what may have changed without its change key. */
async function* changes(
  mailbox: FakeMailbox,
  calendarId: string,
  cursor: string | null,
  signal: AbortSignal,
): AsyncGenerator<ItemChanges<ListedEvent>> {
  const { calendar } = mailbox;
  const first = await mailbox.answer('eventChanges', calendarId, signal, () => {
    if (!calendar.folders.has(calendarId)) throw notFound('calendar', calendarId);
    if (cursor !== null && !calendar.knowsCursor(sequenceOf(cursor))) throw expired();
    const touched = cursor === null ? [] : calendar.touchedSince(calendarId, sequenceOf(cursor));
    return { touched, begunAt: calendar.sequence };
  });
  yield { changed: [], removed: [], touched: first.touched };
  for await (const changed of listedEvents(mailbox, 'eventChanges', calendarId, signal)) {
    // Also the second and later pages of a list are refused once its beginning is forgotten.
    if (!calendar.knowsCursor(first.begunAt)) throw expired();
    yield { changed, removed: [] };
  }
  yield { changed: [], removed: [], cursor: cursorAt(first.begunAt), isWhole: true };
}

async function* listedEvents(
  mailbox: FakeMailbox,
  request: 'eventChanges' | 'eventList',
  folderId: string,
  signal: AbortSignal,
): AsyncGenerator<ListedEvent[]> {
  const pages = fakeList({ mailbox, items: mailbox.calendar, request, folderId, signal });
  for await (const page of pages) yield page.map(listed);
}

function listed(properties: EventProperties): ListedEvent {
  const stated = LISTED_EVENT_FIELDS.flatMap((field) => (field in properties ? [[field, properties[field]]] : []));
  return Object.fromEntries(stated);
}

/** The fake knows each event in the zone it was made in, and nobody asks for another one. */
function inZone({ parentFolderId: _calendar, ...properties }: EventProperties, timeZone: string): EventProperties {
  const given = properties.start?.timeZone ?? timeZone;
  if (given !== timeZone) throw new Error(`The event is in ${given}, not in ${timeZone}.`);
  return structuredClone(properties);
}
