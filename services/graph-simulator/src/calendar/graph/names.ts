import type { Recurrence } from '../state/appointment.ts';

/** Graph's names of what is numbered here. */
export const DAYS_OF_WEEK = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
export const WEEK_INDEXES = ['first', 'second', 'third', 'fourth', 'last'] as const;

/** A recurrence as Graph writes it; what a pattern does not use has a value too. */
export function recurrenceJson({ pattern, range }: Recurrence, zone: string): object {
  return {
    pattern: {
      type: pattern.type,
      interval: pattern.interval,
      month: 'month' in pattern ? pattern.month : 0,
      dayOfMonth: 'dayOfMonth' in pattern ? pattern.dayOfMonth : 0,
      ...('daysOfWeek' in pattern && { daysOfWeek: pattern.daysOfWeek.map((day) => DAYS_OF_WEEK[day]!) }),
      firstDayOfWeek: DAYS_OF_WEEK['firstDayOfWeek' in pattern ? pattern.firstDayOfWeek : 0],
      index: WEEK_INDEXES['index' in pattern ? pattern.index : 0],
    },
    range: {
      type: range.type,
      startDate: range.startDate,
      endDate: range.endDate ?? '0001-01-01',
      recurrenceTimeZone: range.timeZone ?? zone,
      numberOfOccurrences: range.numberOfOccurrences,
    },
  };
}
