import { DAY_MS } from './days.ts';

/** Windows' names of time zones, as Outlook writes them, and the IANA zones that have their rules. */
const WINDOWS: Readonly<Record<string, string>> = {
  UTC: 'UTC',
  'GMT Standard Time': 'Europe/London',
  'W. Europe Standard Time': 'Europe/Berlin',
  'Romance Standard Time': 'Europe/Paris',
  'Central European Standard Time': 'Europe/Warsaw',
  'FLE Standard Time': 'Europe/Helsinki',
  'Russian Standard Time': 'Europe/Moscow',
  'Eastern Standard Time': 'America/New_York',
  'Central Standard Time': 'America/Chicago',
  'Mountain Standard Time': 'America/Denver',
  'Pacific Standard Time': 'America/Los_Angeles',
  'Newfoundland Standard Time': 'America/St_Johns',
  'E. South America Standard Time': 'America/Sao_Paulo',
  'Tokyo Standard Time': 'Asia/Tokyo',
  'China Standard Time': 'Asia/Shanghai',
  'India Standard Time': 'Asia/Kolkata',
  'Nepal Standard Time': 'Asia/Kathmandu',
  'AUS Eastern Standard Time': 'Australia/Sydney',
  'New Zealand Standard Time': 'Pacific/Auckland',
};

/** A time zone that computes with the platform's rules. Times are milliseconds since 1970; local ones as if they were UTC. */
export interface TimeZone {
  /** As it was asked for. */
  name: string;
  toLocal(instant: number): number;
  /** A local time that does not exist is moved on by the gap; of one that exists twice the first counts. */
  toInstant(local: number): number;
}

const zones = new Map<string, TimeZone | null>();

/** By Windows' or IANA name, in any case; null when there is none. */
export function timeZone(name: string): TimeZone | null {
  let zone = zones.get(name);
  if (zone === undefined) zones.set(name, (zone = makeZone(name)));
  return zone;
}

function makeZone(name: string): TimeZone | null {
  const windows = Object.keys(WINDOWS).find((known) => known.toLowerCase() === name.toLowerCase());
  const offset = offsetOf(windows === undefined ? name : WINDOWS[windows]!);
  if (offset === null) return null;
  return {
    name: windows ?? name,
    toLocal: (instant) => instant + offset(instant),
    toInstant: (local) => {
      const [before, after] = [offset(local - DAY_MS), offset(local + DAY_MS)];
      const first = local - Math.max(before, after);
      if (offset(first) === Math.max(before, after)) return first;
      const second = local - Math.min(before, after);
      if (offset(second) === Math.min(before, after)) return second;
      return local - before;
    },
  };
}

/** What has to be added to an instant to get the local time, in ms; null for no zone. */
function offsetOf(name: string): ((instant: number) => number) | null {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
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
  const exact = (instant: number): number => {
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(instant)) parts[type] = Number(value);
    const { year, month, day, hour, minute, second } = parts;
    return Date.UTC(year!, month! - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
  };
  // Asking the platform is slow: days on which the offset stays the same are remembered.
  const days = new Map<number, number | null>();
  return (instant) => {
    const day = Math.floor(instant / DAY_MS);
    let known = days.get(day);
    if (known === undefined) {
      const [from, to] = [exact(day * DAY_MS), exact((day + 1) * DAY_MS)];
      days.set(day, (known = from === to ? from : null));
    }
    return known ?? exact(instant);
  };
}
