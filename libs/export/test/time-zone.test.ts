import { expect, test } from '@jest/globals';
import ICAL from 'ical.js';
import { timeZoneComponent } from '../src/calendar/time-zone.ts';
import { localTime, offsetSeconds } from '../src/calendar/zone-offsets.ts';

/** Zones with plain rules, with changed ones, with two changes within a month, without any, and with odd offsets. */
const ZONES = [
  'America/New_York',
  'America/Los_Angeles',
  'America/Sao_Paulo',
  'America/St_Johns',
  'Europe/Berlin',
  'Europe/London',
  'Europe/Dublin',
  'Europe/Moscow',
  'Africa/Casablanca',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Asia/Tehran',
  'Asia/Jerusalem',
  'Asia/Tokyo',
  'Australia/Sydney',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
];

test.each(ZONES)('%s as a calendar defines it has the offsets it has', (zone) => {
  const defined = new ICAL.Timezone(new ICAL.Component(timeZoneComponent(zone) as any));
  const wrong: string[] = [];
  // Some years between 1975 and 2036, every four days and a little, so that all hours of the day are met.
  for (let year = 1975; year < 2037; year += 3) {
    for (let at = Date.UTC(year, 0, 1); at < Date.UTC(year + 1, 0, 1); at += 347_137_000) {
      const offset = offsetSeconds(zone, at);
      // A local time near a change may come twice or never; it says nothing about the table.
      if ([-10_800_000, 10_800_000].some((near) => offsetSeconds(zone, at + near) !== offset)) continue;
      const local = ICAL.Time.fromDateTimeString(localTime(zone, at));
      if (defined.utcOffset(local) !== offset) wrong.push(local.toString());
    }
  }
  expect(wrong).toEqual([]);
});

test('yearly rules are written as rules, and the last ones never end', () => {
  const [, , observances] = timeZoneComponent('Europe/Berlin');
  const rules = observances.flatMap(([name, properties]) =>
    properties.filter(([property]) => property === 'rrule').map((rule) => [name, rule[3]]),
  );
  expect(rules).toEqual(
    expect.arrayContaining([
      ['daylight', { freq: 'YEARLY', bymonth: [3], byday: ['-1SU'] }],
      ['standard', { freq: 'YEARLY', bymonth: [10], byday: ['-1SU'] }],
    ]),
  );
  expect(observances.length).toBeLessThan(12);
});
