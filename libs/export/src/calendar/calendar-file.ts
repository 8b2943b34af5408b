import type { StoredEvent } from '@backhaul/engine';
import ICAL from 'ical.js';
import { plainText, type Component, type Property } from '../content-line.ts';
import type { BesideFile } from './event-attachments.ts';
import { eventComponents } from './event-component.ts';
import { timeZoneComponent } from './time-zone.ts';

/** A calendar file of a single event, or series, with the zones it needs. */
export function eventCalendar(event: StoredEvent): { text: string; beside: BesideFile[]; losses: string[] } {
  const calendar = new CalendarFile(null);
  const { text, beside, losses } = calendar.event(event);
  return { text: calendar.head + text + CalendarFile.end, beside, losses };
}

/** A calendar file that is written event by event: head, events, end. */
export class CalendarFile {
  static readonly end = 'END:VCALENDAR\r\n';
  readonly head: string;
  readonly #zones = new Set<string>();

  /** @param name the calendar's name, or null */
  constructor(name: string | null) {
    const properties: Property[] = [
      ['version', {}, 'text', '2.0'],
      ['prodid', {}, 'text', '-//Backhaul//Export//EN'],
      ...(name === null ? [] : [['x-wr-calname', {}, 'text', plainText(name)] satisfies Property]),
    ];
    this.head = ICAL.stringify(['vcalendar', properties, []]).slice(0, -CalendarFile.end.length);
  }

  /** The event, behind the zones that no event before it has needed. */
  event(event: StoredEvent): { text: string; beside: BesideFile[]; losses: string[] } {
    const { events, zones, beside, losses } = eventComponents(event);
    const fresh = zones.filter((zone) => !this.#zones.has(zone));
    for (const zone of fresh) this.#zones.add(zone);
    const components: Component[] = [...fresh.map(timeZoneComponent), ...events];
    return { text: components.map((component) => ICAL.stringify(component)).join(''), beside, losses };
  }
}
