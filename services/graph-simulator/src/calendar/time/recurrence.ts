import { firstOfMonth, monthNumber, weekday } from './days.ts';

/** How a series repeats; days of the week are 0 = Sunday … 6 = Saturday, months are 1–12. */
export type Pattern =
  | { type: 'daily'; interval: number }
  | { type: 'weekly'; interval: number; daysOfWeek: number[]; firstDayOfWeek: number }
  | { type: 'absoluteMonthly'; interval: number; dayOfMonth: number }
  | { type: 'relativeMonthly'; interval: number; daysOfWeek: number[]; index: WeekIndex }
  | { type: 'absoluteYearly'; interval: number; dayOfMonth: number; month: number }
  | { type: 'relativeYearly'; interval: number; daysOfWeek: number[]; index: WeekIndex; month: number };

/** 0 = first … 3 = fourth, 4 = last. */
export type WeekIndex = 0 | 1 | 2 | 3 | 4;

/** Over which days it goes; days are numbers, see `days.ts`. */
export interface Range {
  start: number;
  /** The last day that an occurrence may have; null: no end. */
  end: number | null;
  /** Number of occurrences; null: as many as there are. */
  count: number | null;
}

/** Nothing repeats for longer: a series without an end has to stop somewhere. */
const MOST_DAYS = 400 * 366;

/**
 * The days of a series' occurrences, ascending, from its first one on. The reader stops when it has seen enough; series
 * without an end go on for four hundred years.
 */
export function* occurrenceDays(pattern: Pattern, range: Range): Generator<number> {
  const last = Math.min(range.end ?? Infinity, range.start + MOST_DAYS);
  let left = range.count ?? Infinity;
  for (const day of candidates(pattern, range.start)) {
    if (day > last || left <= 0) return;
    if (day < range.start) continue;
    yield day;
    left--;
  }
}

/** Days that satisfy the pattern, ascending, from about the start on, without an end. */
function* candidates(pattern: Pattern, start: number): Generator<number> {
  switch (pattern.type) {
    case 'daily':
      for (let day = start; ; day += pattern.interval) yield day;
    case 'weekly': {
      const firstOfWeek = start - ((weekday(start) - pattern.firstDayOfWeek + 7) % 7);
      for (let week = firstOfWeek; ; week += 7 * pattern.interval) {
        for (let day = week; day < week + 7; day++) if (pattern.daysOfWeek.includes(weekday(day))) yield day;
      }
    }
    case 'absoluteMonthly':
      for (let month = monthNumber(start); ; month += pattern.interval) yield dayInMonth(month, pattern.dayOfMonth);
    case 'relativeMonthly':
      for (let month = monthNumber(start); ; month += pattern.interval) yield relativeDay(month, pattern);
    case 'absoluteYearly':
      for (let month = monthOfYear(start, pattern.month); ; month += 12 * pattern.interval) {
        yield dayInMonth(month, pattern.dayOfMonth);
      }
    case 'relativeYearly':
      for (let month = monthOfYear(start, pattern.month); ; month += 12 * pattern.interval) {
        yield relativeDay(month, pattern);
      }
  }
}

function monthOfYear(day: number, month: number): number {
  return Math.floor(monthNumber(day) / 12) * 12 + month - 1;
}

/** The last day of a month that is too short, as Outlook takes it. */
function dayInMonth(month: number, dayOfMonth: number): number {
  return Math.min(firstOfMonth(month) + dayOfMonth - 1, firstOfMonth(month + 1) - 1);
}

/** The n-th day of the month that is one of the days of the week, or the last one. */
function relativeDay(month: number, { daysOfWeek, index }: { daysOfWeek: number[]; index: WeekIndex }): number {
  const days: number[] = [];
  for (let day = firstOfMonth(month); day < firstOfMonth(month + 1); day++) {
    if (daysOfWeek.includes(weekday(day))) days.push(day);
  }
  return index === 4 ? days.at(-1)! : days[index]!;
}
