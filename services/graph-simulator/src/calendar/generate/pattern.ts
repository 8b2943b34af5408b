import type { Random } from '../../generate/random.ts';
import { occurrenceDays, type Pattern, type WeekIndex } from '../time/recurrence.ts';

export const PATTERN_TYPES = [
  'daily',
  'weekly',
  'absoluteMonthly',
  'relativeMonthly',
  'absoluteYearly',
  'relativeYearly',
] as const;

/** A pattern of a type, and the first day from `day` on that satisfies it: series begin with their first occurrence. */
export function generatePattern(
  type: (typeof PATTERN_TYPES)[number],
  day: number,
  random: Random,
): { pattern: Pattern; first: number } {
  const pattern = patternOf(type, random);
  for (const first of occurrenceDays(pattern, { start: day, end: null, count: 1 })) return { pattern, first };
  throw new Error(`a pattern without a day: ${JSON.stringify(pattern)}`);
}

function patternOf(type: (typeof PATTERN_TYPES)[number], random: Random): Pattern {
  const daysOfWeek = random.pick([[1], [2], [3], [1, 3, 5], [0, 6], [1, 2, 3, 4, 5]]);
  const index = random.below(5) as WeekIndex;
  const dayOfMonth = random.pick([1, 15, 29, 30, 31]);
  const month = 1 + random.below(12);
  switch (type) {
    case 'daily':
      return { type, interval: 1 + random.below(3) };
    case 'weekly':
      return { type, interval: 1 + random.below(3), daysOfWeek, firstDayOfWeek: random.below(2) };
    case 'absoluteMonthly':
      return { type, interval: 1 + random.below(3), dayOfMonth };
    case 'relativeMonthly':
      return { type, interval: 1 + random.below(2), daysOfWeek, index };
    case 'absoluteYearly':
      return { type, interval: 1, dayOfMonth: Math.min(dayOfMonth, 28), month };
    case 'relativeYearly':
      return { type, interval: 1, daysOfWeek, index, month };
  }
}
