import { ianaZone, utcTime, type EventProperties, type ZonedTime } from '@backhaul/engine';
import type { Property } from '../content-line.ts';
import { localTime } from './zone-offsets.ts';

/**
 * How the times of an event are written. An all-day event has dates. Any other has local times in the zone it was made in,
 * so that a series keeps its hour when clocks are changed; in UTC only what was made in UTC or in a zone nobody knows.
 */
export interface EventTimes {
  isAllDay: boolean;
  /** An IANA name. */
  zone: string;
  /** The zone's name that nobody knows, or null. */
  unknownZone: string | null;
}

/** @param master the event itself, or the series that an exception belongs to. */
export function eventTimes(master: EventProperties): EventTimes {
  const { originalStartTimeZone, start, recurrence } = master;
  const stated = [recurrence?.range?.recurrenceTimeZone, originalStartTimeZone, start?.timeZone].filter(Boolean);
  const zone = stated.map((name) => ianaZone(name ?? '')).find((name) => name !== null) ?? null;
  return {
    isAllDay: master.isAllDay ?? false,
    zone: zone === null || /^(etc\/)?(utc|gmt|zulu)$/i.test(zone) ? 'UTC' : zone,
    unknownZone: zone === null ? (stated[0] ?? null) : null,
  };
}

/** A property with a time of the event; null for what is no time. */
export function timeProperty(name: string, time: ZonedTime | null | undefined, times: EventTimes): Property | null {
  const instant = utcTime(time);
  if (instant === null) return null;
  // The date of an all-day event is the one that is written, wherever it is read.
  if (times.isAllDay) return [name, {}, 'date', (time?.dateTime ?? '').slice(0, 10)];
  return localProperty(name, [localTime(times.zone, instant.getTime())], times);
}

/** The property that says which occurrence an exception replaces. @param originalStart ISO 8601, UTC */
export function recurrenceId(originalStart: string, times: EventTimes): Property | null {
  const instant = Date.parse(originalStart);
  if (Number.isNaN(instant)) return null;
  const local = localTime(times.zone, instant);
  if (!times.isAllDay) return localProperty('recurrence-id', [local], times);
  // Midnight where the event was made, or midnight in UTC: Microsoft gives either.
  const midnight = local.endsWith('T00:00:00') ? local : new Date(instant).toISOString();
  return ['recurrence-id', {}, 'date', midnight.slice(0, 10)];
}

/** The property that names the occurrences of a series that were cancelled. @param dates `YYYY-MM-DD` in the series' zone */
export function cancelledDates(dates: readonly string[], start: Property, times: EventTimes): Property | null {
  if (dates.length === 0) return null;
  if (times.isAllDay) return ['exdate', {}, 'date', ...dates];
  const clock = clockOf(start);
  return localProperty(
    'exdate',
    dates.map((date) => `${date}T${clock}`),
    times,
  );
}

/** What a rule's UNTIL must be for a range whose last date this is (RFC 5545: UTC where the start has a zone). */
export function untilOf(date: string, start: Property, times: EventTimes): string {
  if (times.isAllDay) return date;
  const last = utcTime({ dateTime: `${date}T${clockOf(start)}`, timeZone: times.zone });
  return `${(last ?? new Date(`${date}T23:59:59Z`)).toISOString().slice(0, 19)}Z`;
}

function localProperty(name: string, values: string[], { zone }: EventTimes): Property {
  return zone === 'UTC'
    ? [name, {}, 'date-time', ...values.map((value) => `${value}Z`)]
    : [name, { tzid: zone }, 'date-time', ...values];
}

/** `HH:MM:SS` of a start. */
function clockOf(start: Property): string {
  return String(start[3]).slice(11, 19);
}
