import type { Recurrence } from '@backhaul/engine';

const WEEKDAYS = new Map([
  ['sunday', 'SU'],
  ['monday', 'MO'],
  ['tuesday', 'TU'],
  ['wednesday', 'WE'],
  ['thursday', 'TH'],
  ['friday', 'FR'],
  ['saturday', 'SA'],
]);
const POSITIONS = new Map([
  ['first', 1],
  ['second', 2],
  ['third', 3],
  ['fourth', 4],
  ['last', -1],
]);
/** Days of the months, in a leap year. */
const MONTH_LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A recurrence rule as jCal writes it (RFC 7265 3.6.10). */
export type RecurrenceRule = Record<string, string | number | (string | number)[]>;

/**
 * Microsoft's recurrence as a rule of iCalendar (RFC 5545 3.3.10); null for a pattern or range that is none. Where a month
 * lacks the day (31 April), Microsoft takes its last one, and so does the rule; but see {@link missesMonths}.
 * @param until makes what the rule's UNTIL must be of a range's last date, `YYYY-MM-DD`.
 */
export function recurrenceRule(recurrence: Recurrence, until: (date: string) => string): RecurrenceRule | null {
  const pattern = patternRule(recurrence.pattern ?? {});
  const range = rangeRule(recurrence.range ?? {}, until);
  return pattern === null || range === null ? null : { ...pattern, ...range };
}

/**
 * True for the 29th and 30th of every month. "Or the last day of February" can only be said by BYSETPOS among days of a
 * month, which programs of wide use get wrong, so that the series would show on days it never was; it is left unsaid.
 */
export function missesMonths({ pattern }: Recurrence): boolean {
  return pattern?.type === 'absoluteMonthly' && (pattern.dayOfMonth === 29 || pattern.dayOfMonth === 30);
}

function patternRule(pattern: NonNullable<Recurrence['pattern']>): RecurrenceRule | null {
  const { type, dayOfMonth, month } = pattern;
  const interval = { interval: Math.max(1, Math.trunc(pattern.interval ?? 1)) };
  const days = (pattern.daysOfWeek ?? []).flatMap((day) => WEEKDAYS.get(day?.toLowerCase() ?? '') ?? []);
  const isMonth = typeof month === 'number' && month >= 1 && month <= 12;
  switch (type) {
    case 'daily':
      return { freq: 'DAILY', ...interval };
    case 'weekly': {
      const weekStart = WEEKDAYS.get(pattern.firstDayOfWeek?.toLowerCase() ?? '') ?? 'SU';
      return days.length === 0 ? null : { freq: 'WEEKLY', ...interval, byday: days, wkst: weekStart };
    }
    case 'absoluteMonthly':
      return isDay(dayOfMonth)
        ? { freq: 'MONTHLY', ...interval, bymonthday: [dayOfMonth === 31 ? -1 : dayOfMonth] }
        : null;
    case 'absoluteYearly':
      return isDay(dayOfMonth) && isMonth
        ? {
            freq: 'YEARLY',
            ...interval,
            bymonth: [month],
            bymonthday: [dayOfMonth >= lengthOf(month) ? -1 : dayOfMonth],
          }
        : null;
    case 'relativeMonthly':
      return days.length === 0 ? null : { freq: 'MONTHLY', ...interval, ...positionRule(days, pattern.index) };
    case 'relativeYearly':
      return days.length === 0 || !isMonth
        ? null
        : { freq: 'YEARLY', ...interval, bymonth: [month], ...positionRule(days, pattern.index) };
    default:
      return null;
  }
}

function isDay(day: number | null | undefined): day is number {
  return typeof day === 'number' && day >= 1 && day <= 31;
}

function lengthOf(month: number): number {
  return MONTH_LENGTHS[month - 1] ?? 31;
}

/** The second Monday; or of several weekdays together, the second day that is one of them. */
function positionRule(days: string[], index: string | null | undefined): RecurrenceRule {
  const position = POSITIONS.get(index?.toLowerCase() ?? '') ?? 1;
  return days.length === 1 ? { byday: [`${position}${days[0] ?? ''}`] } : { byday: days, bysetpos: [position] };
}

function rangeRule(range: NonNullable<Recurrence['range']>, until: (date: string) => string): RecurrenceRule | null {
  const { type, endDate, numberOfOccurrences } = range;
  switch (type) {
    case 'noEnd':
      return {};
    case 'numbered':
      return typeof numberOfOccurrences === 'number' && numberOfOccurrences >= 1
        ? { count: numberOfOccurrences }
        : null;
    case 'endDate':
      return /^\d{4}-\d\d-\d\d$/.test(endDate ?? '') ? { until: until(endDate ?? '') } : null;
    default:
      return null;
  }
}
