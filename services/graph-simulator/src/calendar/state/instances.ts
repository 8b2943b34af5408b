import { DAY_MS, dayText, readDay } from '../time/days.ts';
import { occurrenceDays } from '../time/recurrence.ts';
import { timeZone, type TimeZone } from '../time/zones.ts';
import type { AppointmentContent, AppointmentState, SeriesException } from './appointment.ts';

/** One time at which an appointment takes place. */
export interface Instance {
  /** Of a series: date in the recurrence's zone of the occurrence, also when it was moved since; null otherwise. */
  date: string | null;
  /** What it says, with the times of this instance. */
  content: AppointmentContent;
  /** Start of the occurrence as the series has it. */
  originalStart: string;
  exception: SeriesException | null;
}

/** A stretch of time, in ms; the end does not belong to it. */
export interface Window {
  from: number;
  to: number;
}

/** The instances that reach into a window, by date: the appointment itself, or those of the series. Cancelled ones are gone. */
export function* instancesIn(state: AppointmentState, window: Window): Generator<Instance> {
  const { content, recurrence } = state;
  if (recurrence === null) {
    const instance = { date: null, content, originalStart: content.start, exception: null };
    if (reachesInto(content, window)) yield instance;
    return;
  }
  const { length } = seriesClock(state);
  const first = Math.floor((window.from - length) / DAY_MS) - 1;
  const last = Math.floor(window.to / DAY_MS) + 1;
  for (const day of daysOf(state)) {
    const moved = state.exceptions[dayText(day)] !== undefined;
    if (!moved && day < first) continue;
    if (day > last && !Object.keys(state.exceptions).some((date) => readDay(date) >= day)) return;
    const instance = instanceOn(state, day);
    if (instance !== null && reachesInto(instance.content, window)) yield instance;
  }
}

/** The instance of a series on a date; null when there is none, or it is cancelled. */
export function instanceAt(state: AppointmentState, date: string): Instance | null {
  const wanted = readDay(date);
  for (const day of daysOf(state)) {
    if (day === wanted) return instanceOn(state, day);
    if (day > wanted) return null;
  }
  return null;
}

/** Start of the occurrence on a date as the series has it, whether or not it takes place. */
export function originalStart(state: AppointmentState, date: string): string {
  return occurrenceTimes(state, readDay(date)).start;
}

/** Beginning of an instance in ms; all-day ones begin at midnight of UTC. */
export function startOf({ start }: AppointmentContent): number {
  return Date.parse(start);
}

function reachesInto(content: AppointmentContent, { from, to }: Window): boolean {
  const [start, end] = [Date.parse(content.start), Date.parse(content.end)];
  return start < to && (end > from || (end === start && start >= from));
}

function* daysOf({ recurrence }: AppointmentState): Generator<number> {
  if (recurrence === null) return;
  const { pattern, range } = recurrence;
  yield* occurrenceDays(pattern, {
    start: readDay(range.startDate),
    end: range.type === 'endDate' && range.endDate !== null ? readDay(range.endDate) : null,
    count: range.type === 'numbered' ? range.numberOfOccurrences : null,
  });
}

function instanceOn(state: AppointmentState, day: number): Instance | null {
  const date = dayText(day);
  if (state.cancelled.includes(date)) return null;
  const exception = state.exceptions[date] ?? null;
  const times = occurrenceTimes(state, day);
  const content = { ...state.content, ...times, ...exception?.set };
  return { date, content, originalStart: times.start, exception };
}

function occurrenceTimes(state: AppointmentState, day: number): { start: string; end: string } {
  const { zone, timeOfDay, length } = seriesClock(state);
  if (zone === null) return { start: dayText(day), end: dayText(day + length / DAY_MS) };
  const start = zone.toInstant(day * DAY_MS + timeOfDay);
  return { start: seconds(start), end: seconds(start + length) };
}

/** When on its days a series takes place; `zone` is null for whole days. */
function seriesClock({ content, recurrence }: AppointmentState): {
  zone: TimeZone | null;
  timeOfDay: number;
  length: number;
} {
  const length = Date.parse(content.end) - Date.parse(content.start);
  if (content.isAllDay) return { zone: null, timeOfDay: 0, length };
  const zone = timeZone(recurrence?.range.timeZone ?? content.startZone) ?? timeZone('UTC')!;
  const local = zone.toLocal(Date.parse(content.start));
  return { zone, timeOfDay: local - Math.floor(local / DAY_MS) * DAY_MS, length };
}

function seconds(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}
