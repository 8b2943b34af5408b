import { describe, expect, test } from '@jest/globals';
import { canonicalEvent, type CanonicalEvent, type EventProperties, type Recurrence } from '../src/index.ts';
import { fileAttachment, recipient } from '../testing/index.ts';

const ZONE = 'W. Europe Standard Time';
const at = (dateTime: string, timeZone = ZONE) => ({ dateTime, timeZone });
const ids = { id: 'e', changeKey: 'k' };

function form(properties: Partial<EventProperties>): Promise<CanonicalEvent> {
  return canonicalEvent({ properties: { ...ids, ...properties }, attachments: [], exceptions: [] }, ['Calendar']);
}

describe('the canonical form of an event', () => {
  test('of which nothing is known but its ids is that of the specification', async () => {
    expect(JSON.stringify(await form({}))).toBe(
      JSON.stringify({
        folderPath: ['Calendar'],
        subject: '',
        body: { type: 'text', text: '' },
        start: null,
        end: null,
        isAllDay: false,
        timeZone: 'UTC',
        location: '',
        showAs: 'busy',
        sensitivity: 'normal',
        importance: 'normal',
        categories: [],
        isReminderOn: false,
        reminderMinutesBeforeStart: 0,
        recurrence: null,
        organizer: null,
        attendees: [],
        attachments: [],
        exceptions: [],
        cancelled: [],
      }),
    );
  });

  test.each<[string, Partial<EventProperties>, Partial<CanonicalEvent>]>([
    [
      'times in UTC, whatever zone they are given in',
      { start: at('2026-07-01T10:00:00.0000000') },
      { start: '2026-07-01T08:00:00Z' },
    ],
    ['the same times from UTC', { start: at('2026-07-01T08:00:00', 'UTC') }, { start: '2026-07-01T08:00:00Z' }],
    [
      'dates of an all-day event, not moved by the zone',
      { isAllDay: true, start: at('2026-07-01T00:00:00'), end: at('2026-07-02T00:00:00') },
      { start: '2026-07-01', end: '2026-07-02' },
    ],
    ['the zone it was made in', { originalStartTimeZone: ZONE }, { timeZone: ZONE }],
    [
      'a subject and a place as names',
      { subject: ' a \n b ', location: { displayName: 'Room\t1' } },
      { subject: 'a b', location: 'Room 1' },
    ],
    [
      'its body',
      { body: { contentType: 'html', content: '<p>a</p> \r\n' } },
      { body: { type: 'html', text: '<p>a</p>' } },
    ],
    ['a reminder', { isReminderOn: true, reminderMinutesBeforeStart: 15 }, { reminderMinutesBeforeStart: 15 }],
    [
      'no minutes without a reminder',
      { isReminderOn: false, reminderMinutesBeforeStart: 15 },
      { reminderMinutesBeforeStart: 0 },
    ],
    [
      'its organizer',
      { organizer: recipient('Ada <ADA@example.com>') },
      { organizer: { name: 'Ada', address: 'ada@example.com' } },
    ],
    ['categories sorted', { categories: ['b', 'a'] }, { categories: ['a', 'b'] }],
    [
      'cancelled dates sorted',
      { cancelledOccurrences: ['OID.AAMk.2026-03-16', 'OID.AAMk.2026-03-09', null, 'nonsense'] },
      { cancelled: ['2026-03-09', '2026-03-16'] },
    ],
  ])('has %s', async (_what, properties, expected) => {
    expect(await form(properties)).toMatchObject(expected);
  });

  test('sorts people by their form, with type and answer where they are missing', async () => {
    const { attendees } = await form({
      attendees: [
        { ...recipient('Zoe <zoe@example.com>'), type: 'optional', status: { response: 'accepted' } },
        { ...recipient('Ada <ada@example.com>') },
        { emailAddress: { name: '', address: '' } },
        null,
      ],
    });
    expect(attendees).toEqual([
      { name: 'Ada', address: 'ada@example.com', type: 'required', response: 'none' },
      { name: 'Zoe', address: 'zoe@example.com', type: 'optional', response: 'accepted' },
    ]);
  });

  test.each<[string, NonNullable<Recurrence['pattern']>, object]>([
    ['daily', { type: 'daily', interval: 2, dayOfMonth: 0, month: 0, firstDayOfWeek: 'sunday' }, { interval: 2 }],
    [
      'weekly',
      {
        type: 'weekly',
        interval: 1,
        daysOfWeek: ['friday', 'sunday', 'monday'],
        firstDayOfWeek: 'monday',
        index: 'first',
      },
      { interval: 1, daysOfWeek: ['sunday', 'monday', 'friday'], firstDayOfWeek: 'monday' },
    ],
    [
      'absoluteMonthly',
      { type: 'absoluteMonthly', interval: 1, dayOfMonth: 31, month: 0 },
      { interval: 1, dayOfMonth: 31 },
    ],
    [
      'relativeMonthly',
      { type: 'relativeMonthly', interval: 1, daysOfWeek: ['friday'], index: 'last', dayOfMonth: 0 },
      { interval: 1, daysOfWeek: ['friday'], index: 'last' },
    ],
    [
      'absoluteYearly',
      { type: 'absoluteYearly', interval: 1, dayOfMonth: 29, month: 2 },
      { interval: 1, dayOfMonth: 29, month: 2 },
    ],
    [
      'relativeYearly',
      { type: 'relativeYearly', interval: 1, daysOfWeek: ['monday'], index: 'first', month: 9 },
      { interval: 1, daysOfWeek: ['monday'], month: 9, index: 'first' },
    ],
  ])('a %s pattern says what its type uses, in order', async (type, pattern, uses) => {
    const range = { type: 'noEnd', startDate: '2026-01-01', endDate: '0001-01-01', numberOfOccurrences: 0 };
    const { recurrence } = await form({ recurrence: { pattern, range } });
    expect(JSON.stringify(recurrence?.pattern)).toBe(JSON.stringify({ type, ...uses }));
  });

  test.each<[NonNullable<Recurrence['range']>, object]>([
    [
      {
        type: 'endDate',
        startDate: '2026-01-01',
        endDate: '2026-12-31',
        numberOfOccurrences: 0,
        recurrenceTimeZone: 'UTC',
      },
      { type: 'endDate', startDate: '2026-01-01', endDate: '2026-12-31', timeZone: 'UTC' },
    ],
    [
      {
        type: 'numbered',
        startDate: '2026-01-01',
        endDate: '0001-01-01',
        numberOfOccurrences: 5,
        recurrenceTimeZone: '',
      },
      { type: 'numbered', startDate: '2026-01-01', numberOfOccurrences: 5, timeZone: ZONE },
    ],
    [
      { type: 'noEnd', startDate: '2026-01-01', endDate: '0001-01-01', numberOfOccurrences: 0 },
      { type: 'noEnd', startDate: '2026-01-01', timeZone: ZONE },
    ],
  ])('the range %j says what its type uses, and its zone', async (range, expected) => {
    const pattern = { type: 'daily', interval: 1 };
    const { recurrence } = await form({ recurrence: { pattern, range }, originalStartTimeZone: ZONE });
    expect(JSON.stringify(recurrence?.range)).toBe(JSON.stringify(expected));
  });

  test('of a series has its exceptions by the start they replace, without what only the series has', async () => {
    const attachments = [fileAttachment({ name: 'plan.txt' })];
    const exception = (originalStart: string, subject: string) => ({
      originalStart,
      properties: { ...ids, subject, start: at('2026-03-10T10:00:00'), organizer: recipient('ada@example.com') },
      attachments,
    });
    const { exceptions } = await canonicalEvent(
      {
        properties: { ...ids, type: 'seriesMaster' },
        attachments: [],
        exceptions: [exception('2026-03-16T09:00:00.0000000Z', 'second'), exception('2026-03-09T09:00:00Z', 'first')],
      },
      ['Calendar'],
    );
    expect(exceptions.map(({ originalStart, event }) => [originalStart, event.subject, event.start])).toEqual([
      ['2026-03-09T09:00:00Z', 'first', '2026-03-10T09:00:00Z'],
      ['2026-03-16T09:00:00Z', 'second', '2026-03-10T09:00:00Z'],
    ]);
    expect(exceptions[0]?.event.attachments).toMatchObject([{ kind: 'file', name: 'plan.txt' }]);
    const members = Object.keys(exceptions[0]?.event ?? {});
    for (const left of ['folderPath', 'recurrence', 'organizer', 'exceptions', 'cancelled']) {
      expect(members).not.toContain(left);
    }
  });
});
