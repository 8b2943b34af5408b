import type { EventProperties, ZonedTime } from '../src/calendar-source.ts';
import { utcTime } from '../src/zoned-time.ts';

const DAY_MS = 86_400_000;
const WEEK = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** An occurrence of a series by its pattern, whatever became of it. */
export interface PatternOccurrence {
  /** `YYYY-MM-DD` in the zone of the series. */
  date: string;
  start: ZonedTime;
  /** ISO 8601 UTC. */
  startsAt: string;
}

/** The occurrences of a daily or weekly series that start within a time; the fake knows no other patterns. */
export function patternOccurrences(
  { start, recurrence }: EventProperties,
  from: string,
  to: string,
): PatternOccurrence[] {
  const { pattern, range } = recurrence ?? {};
  if (!start || !pattern || !range?.startDate)
    throw new Error('The fake knows series with a start and a pattern only.');
  const first = Date.parse(`${range.startDate}T00:00:00Z`);
  const found: PatternOccurrence[] = [];
  for (let day = first, count = 0; day <= Date.parse(to) + DAY_MS; day += DAY_MS) {
    const date = new Date(day).toISOString().slice(0, 10);
    if (range.type === 'endDate' && date > (range.endDate ?? '')) break;
    if (range.type === 'numbered' && count >= (range.numberOfOccurrences ?? 0)) break;
    if (!isOn(day, first, pattern.type ?? '', pattern.interval ?? 1, pattern.daysOfWeek ?? [])) continue;
    count += 1;
    const local = { ...start, dateTime: `${date}${start.dateTime.slice(10)}` };
    const startsAt = utcTime(local)?.toISOString() ?? '';
    if (startsAt >= from && startsAt <= to) found.push({ date, start: local, startsAt });
  }
  return found;
}

function isOn(
  day: number,
  first: number,
  type: string,
  interval: number,
  daysOfWeek: readonly (string | null)[],
): boolean {
  const daysSince = (day - first) / DAY_MS;
  if (type === 'daily') return daysSince % interval === 0;
  if (type !== 'weekly') throw new Error(`The fake knows no ${type} series.`);
  const weeksSince = Math.floor((daysSince + new Date(first).getUTCDay()) / 7);
  return weeksSince % interval === 0 && daysOfWeek.includes(WEEK[new Date(day).getUTCDay()] ?? '');
}
