import { describe, expect, test } from '@jest/globals';
import type { Recurrence } from '@backhaul/engine';
import ICAL from 'ical.js';
import { recurrenceRule } from '../src/calendar/recurrence-rule.ts';

type Pattern = NonNullable<Recurrence['pattern']>;
type Range = NonNullable<Recurrence['range']>;

const FOR_EVER: Range = { type: 'noEnd', startDate: '2026-01-05' };

/** The first dates that a program that reads iCalendar finds. */
function datesOf(pattern: Pattern, start: string, range: Range = FOR_EVER, limit = 5): string[] {
  const rule = recurrenceRule({ pattern, range }, (date) => `${date}T23:59:59Z`);
  if (rule === null) throw new Error('no rule');
  const iterator = ICAL.Recur.fromData(rule).iterator(ICAL.Time.fromDateTimeString(`${start}T10:00:00`));
  const dates: string[] = [];
  for (let next = iterator.next(); next && dates.length < limit; next = iterator.next()) {
    dates.push(next.toString().slice(0, 10));
  }
  return dates;
}

describe('a series', () => {
  test.each<[string, Pattern, string, string[]]>([
    [
      'every third day',
      { type: 'daily', interval: 3 },
      '2026-01-30',
      ['2026-01-30', '2026-02-02', '2026-02-05', '2026-02-08', '2026-02-11'],
    ],
    [
      'every other week on Monday and Thursday',
      { type: 'weekly', interval: 2, daysOfWeek: ['monday', 'thursday'], firstDayOfWeek: 'monday' },
      '2026-01-05',
      ['2026-01-05', '2026-01-08', '2026-01-19', '2026-01-22', '2026-02-02'],
    ],
    [
      'every other week where the week begins on Sunday',
      { type: 'weekly', interval: 2, daysOfWeek: ['sunday', 'monday'], firstDayOfWeek: 'sunday' },
      '2026-01-05',
      ['2026-01-05', '2026-01-18', '2026-01-19', '2026-02-01', '2026-02-02'],
    ],
    [
      'every 15th',
      { type: 'absoluteMonthly', interval: 1, dayOfMonth: 15 },
      '2026-01-15',
      ['2026-01-15', '2026-02-15', '2026-03-15', '2026-04-15', '2026-05-15'],
    ],
    [
      'every 31st, or the last day',
      { type: 'absoluteMonthly', interval: 1, dayOfMonth: 31 },
      '2026-01-31',
      ['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31'],
    ],
    [
      'every 31 April, or the 30th',
      { type: 'absoluteYearly', interval: 1, month: 4, dayOfMonth: 31 },
      '2026-04-30',
      ['2026-04-30', '2027-04-30', '2028-04-30', '2029-04-30', '2030-04-30'],
    ],
    [
      'every 30th (that February has none, a loss says)',
      { type: 'absoluteMonthly', interval: 1, dayOfMonth: 30 },
      '2026-01-30',
      ['2026-01-30', '2026-03-30', '2026-04-30', '2026-05-30', '2026-06-30'],
    ],
    [
      'every 29 February, or the 28th',
      { type: 'absoluteYearly', interval: 1, month: 2, dayOfMonth: 29 },
      '2024-02-29',
      ['2024-02-29', '2025-02-28', '2026-02-28', '2027-02-28', '2028-02-29'],
    ],
    [
      'every second year on 4 July',
      { type: 'absoluteYearly', interval: 2, month: 7, dayOfMonth: 4 },
      '2026-07-04',
      ['2026-07-04', '2028-07-04', '2030-07-04', '2032-07-04', '2034-07-04'],
    ],
    [
      'every second Tuesday of a month',
      { type: 'relativeMonthly', interval: 1, daysOfWeek: ['tuesday'], index: 'second' },
      '2026-01-13',
      ['2026-01-13', '2026-02-10', '2026-03-10', '2026-04-14', '2026-05-12'],
    ],
    [
      'the last Friday of every other month',
      { type: 'relativeMonthly', interval: 2, daysOfWeek: ['friday'], index: 'last' },
      '2026-01-30',
      ['2026-01-30', '2026-03-27', '2026-05-29', '2026-07-31', '2026-09-25'],
    ],
    [
      'the last weekday of a month',
      {
        type: 'relativeMonthly',
        interval: 1,
        daysOfWeek: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
        index: 'last',
      },
      '2026-01-30',
      ['2026-01-30', '2026-02-27', '2026-03-31', '2026-04-30', '2026-05-29'],
    ],
    [
      'the fourth Thursday of November',
      { type: 'relativeYearly', interval: 1, month: 11, daysOfWeek: ['thursday'], index: 'fourth' },
      '2026-11-26',
      ['2026-11-26', '2027-11-25', '2028-11-23', '2029-11-22', '2030-11-28'],
    ],
    [
      'the first weekend day of May',
      { type: 'relativeYearly', interval: 1, month: 5, daysOfWeek: ['saturday', 'sunday'], index: 'first' },
      '2026-05-02',
      ['2026-05-02', '2027-05-01', '2028-05-06', '2029-05-05', '2030-05-04'],
    ],
  ])('%s', (_, pattern, start, expected) => {
    expect(datesOf(pattern, start)).toEqual(expected);
  });

  test.each<[string, Range, string[]]>([
    ['a number of times', { type: 'numbered', numberOfOccurrences: 3 }, ['2026-01-05', '2026-01-06', '2026-01-07']],
    ['until a date, which is part of it', { type: 'endDate', endDate: '2026-01-06' }, ['2026-01-05', '2026-01-06']],
    [
      'for ever',
      { type: 'noEnd', endDate: '0001-01-01', numberOfOccurrences: 0 },
      ['2026-01-05', '2026-01-06', '2026-01-07', '2026-01-08', '2026-01-09'],
    ],
  ])('lasts %s', (_, range, expected) => {
    expect(datesOf({ type: 'daily', interval: 1 }, '2026-01-05', range)).toEqual(expected);
  });

  test.each<[string, Pattern, Range]>([
    ['of an unknown pattern', { type: 'hourly' }, FOR_EVER],
    ['without days', { type: 'weekly', daysOfWeek: [] }, FOR_EVER],
    ['on the 32nd', { type: 'absoluteMonthly', dayOfMonth: 32 }, FOR_EVER],
    ['in the 13th month', { type: 'absoluteYearly', dayOfMonth: 1, month: 13 }, FOR_EVER],
    ['of an unknown range', { type: 'daily' }, { type: 'sometimes' }],
    ['until no date', { type: 'daily' }, { type: 'endDate', endDate: 'x\r\nX:1' }],
  ])('%s has no rule', (_, pattern, range) => {
    expect(recurrenceRule({ pattern, range }, (date) => date)).toBeNull();
  });
});
