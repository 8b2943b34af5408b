import { LISTED_EVENT_FIELDS, type CalendarSource, type ListedEvent } from '../../calendar-source.ts';
import { eventEntry, eventParts } from '../../stored-event.ts';
import { firstUnread } from './first-unread.ts';
import type { KindOfItem } from './kind-of-item.ts';

/** Events: single ones, and series with their exceptions; each in the time zone it was made in. */
export function calendarKind(source: CalendarSource): KindOfItem<ListedEvent> {
  return {
    kind: 'calendar',
    source,
    fields: LISTED_EVENT_FIELDS,
    listing: eventEntry,
    async fetch({ id, originalStartTimeZone }, ask) {
      const event = await ask((signal) => source.event(id, originalStartTimeZone || 'UTC', signal));
      const attachments = [event, ...event.exceptions].flatMap((one) => one.attachments);
      return { properties: event.properties, parts: eventParts(event), lacks: firstUnread(attachments) };
    },
    mayHideChanges: ({ type }) => type === 'seriesMaster',
  };
}
