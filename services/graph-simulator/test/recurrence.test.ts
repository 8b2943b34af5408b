import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dayText, readDay, weekday } from '../src/calendar/time/days.ts';
import { occurrenceDays, type Pattern, type Range } from '../src/calendar/time/recurrence.ts';
import { timeZone } from '../src/calendar/time/zones.ts';

const [SUN, MON, TUE, WED, THU, FRI, SAT] = [0, 1, 2, 3, 4, 5, 6];

function days(pattern: Pattern, start: string, more: { end?: string; count?: number } = {}, most = 6): string[] {
  const range: Range = {
    start: readDay(start),
    end: more.end === undefined ? null : readDay(more.end),
    count: more.count ?? null,
  };
  const found: string[] = [];
  for (const day of occurrenceDays(pattern, range)) {
    found.push(dayText(day));
    if (found.length === most) break;
  }
  return found;
}

describe('occurrences of a pattern', () => {
  test.each<[what: string, Pattern, start: string, more: { end?: string; count?: number }, expected: string[]]>([
    [
      'daily',
      { type: 'daily', interval: 1 },
      '2024-02-27',
      { count: 4 },
      ['2024-02-27', '2024-02-28', '2024-02-29', '2024-03-01'],
    ],
    [
      'every third day up to and with the end',
      { type: 'daily', interval: 3 },
      '2026-01-01',
      { end: '2026-01-07' },
      ['2026-01-01', '2026-01-04', '2026-01-07'],
    ],
    [
      'weekly on the days that follow the start first',
      { type: 'weekly', interval: 1, daysOfWeek: [MON, FRI], firstDayOfWeek: SUN },
      '2026-01-07',
      { count: 4 },
      ['2026-01-09', '2026-01-12', '2026-01-16', '2026-01-19'],
    ],
    [
      'every second week, which begins on Sunday',
      { type: 'weekly', interval: 2, daysOfWeek: [SUN, TUE], firstDayOfWeek: SUN },
      '2026-01-06',
      { count: 4 },
      ['2026-01-06', '2026-01-18', '2026-01-20', '2026-02-01'],
    ],
    [
      'every second week, which begins on Monday',
      { type: 'weekly', interval: 2, daysOfWeek: [SUN, TUE], firstDayOfWeek: MON },
      '2026-01-06',
      { count: 4 },
      ['2026-01-06', '2026-01-11', '2026-01-20', '2026-01-25'],
    ],
    [
      'the 31st, or the last day of shorter months',
      { type: 'absoluteMonthly', interval: 1, dayOfMonth: 31 },
      '2026-01-31',
      { count: 4 },
      ['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30'],
    ],
    [
      'a day of the month that lies before the start, every second month',
      { type: 'absoluteMonthly', interval: 2, dayOfMonth: 5 },
      '2026-01-10',
      { count: 2 },
      ['2026-03-05', '2026-05-05'],
    ],
    [
      'the second Tuesday',
      { type: 'relativeMonthly', interval: 1, daysOfWeek: [TUE], index: 1 },
      '2026-01-13',
      { count: 3 },
      ['2026-01-13', '2026-02-10', '2026-03-10'],
    ],
    [
      'the last working day of a quarter',
      { type: 'relativeMonthly', interval: 3, daysOfWeek: [MON, TUE, WED, THU, FRI], index: 4 },
      '2026-01-30',
      { count: 3 },
      ['2026-01-30', '2026-04-30', '2026-07-31'],
    ],
    [
      'the third day of a weekend',
      { type: 'relativeMonthly', interval: 1, daysOfWeek: [SAT, SUN], index: 2 },
      '2026-01-01',
      { count: 2 },
      ['2026-01-10', '2026-02-08'],
    ],
    [
      'the 29th of February, or the 28th',
      { type: 'absoluteYearly', interval: 1, dayOfMonth: 29, month: 2 },
      '2024-02-29',
      { count: 5 },
      ['2024-02-29', '2025-02-28', '2026-02-28', '2027-02-28', '2028-02-29'],
    ],
    [
      'the fourth Thursday of November, every second year',
      { type: 'relativeYearly', interval: 2, daysOfWeek: [THU], index: 3, month: 11 },
      '2026-11-26',
      { count: 3 },
      ['2026-11-26', '2028-11-23', '2030-11-28'],
    ],
  ])('%s', (_, pattern, start, more, expected) => {
    expect(days(pattern, start, more)).toEqual(expected);
  });

  test('a series without an end is followed as far as it is read', () => {
    expect(days({ type: 'daily', interval: 1 }, '2026-01-01', {}, 2000)).toHaveLength(2000);
  });

  test('are ascending days of the week that were asked for, none before the start, as many as counted', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 30_000 }),
        fc.integer({ min: 1, max: 5 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 }),
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 1, max: 40 }),
        (start, interval, daysOfWeek, firstDayOfWeek, count) => {
          const pattern: Pattern = { type: 'weekly', interval, daysOfWeek, firstDayOfWeek };
          const found = [...occurrenceDays(pattern, { start, end: null, count })];
          expect(found).toHaveLength(count);
          expect(found).toEqual([...new Set(found)].sort((a, b) => a - b));
          const week = (day: number): number => Math.floor((day - firstDayOfWeek + 4) / 7);
          for (const day of found) {
            expect(day).toBeGreaterThanOrEqual(start);
            expect(daysOfWeek).toContain(weekday(day));
            expect((week(day) - week(start)) % interval).toBe(0);
          }
        },
      ),
    );
  });
});

describe('time zones', () => {
  test.each([
    ['W. Europe Standard Time', '2026-01-05T10:00', '2026-01-05T09:00Z'],
    ['W. Europe Standard Time', '2026-07-05T10:00', '2026-07-05T08:00Z'],
    ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:30Z'],
    ['Europe/Berlin', '2026-10-25T02:30', '2026-10-25T00:30Z'],
    ['Pacific Standard Time', '2026-03-08T01:59', '2026-03-08T09:59Z'],
    ['Pacific Standard Time', '2026-03-08T03:00', '2026-03-08T10:00Z'],
    ['AUS Eastern Standard Time', '2026-01-05T10:00', '2026-01-04T23:00Z'],
    ['AUS Eastern Standard Time', '2026-07-05T10:00', '2026-07-05T00:00Z'],
    ['India Standard Time', '2026-07-05T10:00', '2026-07-05T04:30Z'],
    ['Nepal Standard Time', '2026-07-05T10:00', '2026-07-05T04:15Z'],
    ['newfoundland standard time', '2026-07-05T10:00', '2026-07-05T12:30Z'],
    ['UTC', '2026-07-05T10:00', '2026-07-05T10:00Z'],
  ])('in %s the local time %s is %s', (name, local, instant) => {
    expect(new Date(timeZone(name)!.toInstant(Date.parse(`${local}Z`)))).toEqual(new Date(instant));
  });

  test('every instant is found again from its local time, but for the second hour of two', () => {
    const names = ['Europe/Paris', 'Pacific Standard Time', 'New Zealand Standard Time', 'America/Sao_Paulo'];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.integer({ min: 0, max: 70 * 366 * 24 * 4 }), (name, quarters) => {
        const instant = quarters * 900_000;
        const zone = timeZone(name)!;
        const found = zone.toInstant(zone.toLocal(instant));
        expect(zone.toLocal(found)).toBe(zone.toLocal(instant));
        expect(found).toBeLessThanOrEqual(instant);
      }),
      { numRuns: 1000 },
    );
  });

  test('what is no time zone is none', () => {
    expect(timeZone('Middle Earth Standard Time')).toBeNull();
  });
});
