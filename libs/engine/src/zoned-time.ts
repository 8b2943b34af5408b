import type { ZonedTime } from './calendar-source.ts';
import { WINDOWS_ZONES } from './windows-zones.ts';

/**
 * The instant of a local time in its zone. A local time that the zone skips (spring) is taken by the offset before the gap,
 * one that comes twice (autumn) is the first. A zone that nobody knows is taken for UTC, as Microsoft does it.
 * @returns null for what is no time.
 */
export function utcTime(time: ZonedTime | null | undefined): Date | null {
  const local = Date.parse(`${(time?.dateTime ?? '').replace(/Z$/, '')}Z`);
  if (Number.isNaN(local)) return null;
  const zone = ianaZone(time?.timeZone ?? 'UTC') ?? 'UTC';
  // The offsets a day before and after are those on both sides of any change in between.
  const [before, after] = [offsetMs(zone, local - DAY_MS), offsetMs(zone, local + DAY_MS)];
  const fits = [local - before, local - after].filter((instant) => instant + offsetMs(zone, instant) === local);
  return new Date(fits.length === 0 ? local - before : Math.min(...fits));
}

/** The IANA name of a zone that is given by Windows' name or its own; null for one that nobody knows. */
export function ianaZone(name: string): string | null {
  const known = Object.hasOwn(WINDOWS_ZONES, name) ? WINDOWS_ZONES[name] : undefined;
  const zone = known ?? (name === 'tzone://Microsoft/Utc' ? 'UTC' : name);
  return formatOf(zone) === null ? null : zone;
}

const DAY_MS = 86_400_000;

/** How far the zone's clocks are ahead of UTC at an instant. */
function offsetMs(zone: string, instant: number): number {
  const format = formatOf(zone);
  if (format === null) return 0;
  const fields: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(instant)) fields[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
  const shown = new Date(0);
  shown.setUTCFullYear(year, month - 1, day);
  shown.setUTCHours(hour, minute, second);
  return shown.getTime() - Math.floor(instant / 1_000) * 1_000;
}

const formats = new Map<string, Intl.DateTimeFormat | null>();

/** Making a format is dear, so each is kept; null for a zone that is none. */
function formatOf(zone: string): Intl.DateTimeFormat | null {
  let format = formats.get(zone);
  if (format === undefined) {
    format = makeFormat(zone);
    formats.set(zone, format);
  }
  return format;
}

function makeFormat(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'iso8601',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return null;
  }
}
