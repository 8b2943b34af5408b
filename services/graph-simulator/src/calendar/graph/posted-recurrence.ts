import type { JsonObject } from '../../graph/json-body.ts';
import { badRequest } from '../../http/graph-error.ts';
import { oneOf } from '../../outlook/fields.ts';
import type { Recurrence } from '../state/appointment.ts';
import type { Pattern, WeekIndex } from '../time/recurrence.ts';
import { DAYS_OF_WEEK, WEEK_INDEXES } from './names.ts';
import { zoneNamed } from './times.ts';

const TYPES = ['daily', 'weekly', 'absoluteMonthly', 'relativeMonthly', 'absoluteYearly', 'relativeYearly'] as const;
const RANGES = ['endDate', 'noEnd', 'numbered'] as const;
const DATE = /^\d{4}-\d\d-\d\d$/;
/** A date that stands for none. */
const NO_DATE = '0001-01-01';

/** A recurrence as it is posted; null for none. @throws GraphError that names what is missing or wrong */
export function readRecurrence(value: unknown): Recurrence | null {
  if (value === undefined || value === null) return null;
  const { pattern, range } = value as { pattern?: JsonObject; range?: JsonObject };
  if (pattern === undefined || range === undefined) throw invalid('recurrence needs pattern and range.');
  return { pattern: readPattern(pattern), range: readRange(range) };
}

function readPattern(given: JsonObject): Pattern {
  const type = oneOf('recurrence.pattern.type', given['type'], TYPES);
  const interval = numberIn(given, 'interval', 1, 999);
  const daysOfWeek = (): number[] => {
    const names = given['daysOfWeek'];
    if (!Array.isArray(names) || names.length === 0) throw invalid(`A ${type} pattern needs daysOfWeek.`);
    const days = names.map((name) => DAYS_OF_WEEK.indexOf(oneOf('daysOfWeek', name, DAYS_OF_WEEK)));
    return [...new Set(days)].sort((a, b) => a - b);
  };
  const index = (): WeekIndex =>
    WEEK_INDEXES.indexOf(oneOf('index', given['index'] ?? 'first', WEEK_INDEXES)) as WeekIndex;
  const dayOfMonth = (): number => numberIn(given, 'dayOfMonth', 1, 31);
  const month = (): number => numberIn(given, 'month', 1, 12);
  switch (type) {
    case 'daily':
      return { type, interval };
    case 'weekly': {
      const first = oneOf('firstDayOfWeek', given['firstDayOfWeek'] ?? 'sunday', DAYS_OF_WEEK);
      return { type, interval, daysOfWeek: daysOfWeek(), firstDayOfWeek: DAYS_OF_WEEK.indexOf(first) };
    }
    case 'absoluteMonthly':
      return { type, interval, dayOfMonth: dayOfMonth() };
    case 'relativeMonthly':
      return { type, interval, daysOfWeek: daysOfWeek(), index: index() };
    case 'absoluteYearly':
      return { type, interval, dayOfMonth: dayOfMonth(), month: month() };
    case 'relativeYearly':
      return { type, interval, daysOfWeek: daysOfWeek(), index: index(), month: month() };
  }
}

function readRange(given: JsonObject): Recurrence['range'] {
  const type = oneOf('recurrence.range.type', given['type'], RANGES);
  const startDate = dateOf(given, 'startDate');
  if (startDate === null) throw invalid('range.startDate must be a date.');
  const endDate = type === 'endDate' ? dateOf(given, 'endDate') : null;
  if (type === 'endDate' && (endDate === null || endDate < startDate))
    throw invalid('range.endDate must be a date from startDate on.');
  const zone = given['recurrenceTimeZone'];
  if (zone === '') throw invalid('range.recurrenceTimeZone must be a time zone, or null.');
  return {
    type,
    startDate,
    endDate,
    numberOfOccurrences: type === 'numbered' ? numberIn(given, 'numberOfOccurrences', 1, 999) : 0,
    timeZone: typeof zone === 'string' ? zoneNamed(zone).name : null,
  };
}

function dateOf(given: JsonObject, name: string): string | null {
  const text = given[name];
  if (typeof text !== 'string' || !DATE.test(text) || text === NO_DATE) return null;
  return Number.isNaN(Date.parse(`${text}T00:00:00Z`)) ? null : text;
}

function numberIn(given: JsonObject, name: string, least: number, most: number): number {
  const value = given[name];
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  throw invalid(`recurrence: ${name} must be a whole number from ${least} to ${most}.`);
}

function invalid(message: string): Error {
  return badRequest(message, 'ErrorPropertyValidationFailure');
}
