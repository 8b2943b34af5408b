import { describe, expect, test } from '@jest/globals';
import type { EventProperties, SourceAttachment, StoredEvent } from '@backhaul/engine';
import fc from 'fast-check';
import ICAL from 'ical.js';
import { CalendarFile, eventCalendar } from '../src/calendar/calendar-file.ts';

const person = (name: string, address: string) => ({ emailAddress: { name, address } });

const MEETING: EventProperties = {
  id: 'AAMk1',
  changeKey: 'c',
  iCalUId: '040000008200E00074C5B7101A82E008',
  type: 'singleInstance',
  createdDateTime: '2026-01-01T00:00:00Z',
  lastModifiedDateTime: '2026-01-02T03:04:05Z',
  subject: 'Plan; with, marks \\ and\nlines',
  body: {
    contentType: 'html',
    content: '<html><head><style>p{}</style></head><body><p>Hello &amp; welcome</p><p>“Zoë”</p></body></html>',
  },
  start: { dateTime: '2026-03-27T10:00:00.0000000', timeZone: 'W. Europe Standard Time' },
  end: { dateTime: '2026-03-27T11:30:00.0000000', timeZone: 'W. Europe Standard Time' },
  originalStartTimeZone: 'W. Europe Standard Time',
  isAllDay: false,
  location: { displayName: 'Room 1, north' },
  organizer: person('Ada; "the" Countess', 'ada@example.com'),
  attendees: [
    { ...person('Bob', 'bob@example.com'), type: 'required', status: { response: 'accepted' } },
    { ...person('', 'carol@example.com'), type: 'optional', status: { response: 'tentativelyAccepted' } },
    { ...person('Room 1', 'room1@example.com'), type: 'resource', status: { response: 'none' } },
    { ...person('No Address', ''), type: 'required', status: { response: 'declined' } },
  ],
  categories: ['Red, dark', 'Work'],
  importance: 'high',
  sensitivity: 'private',
  showAs: 'oof',
  isReminderOn: true,
  reminderMinutesBeforeStart: 15,
};

const SERIES: EventProperties = {
  ...MEETING,
  type: 'seriesMaster',
  recurrence: {
    pattern: { type: 'weekly', interval: 1, daysOfWeek: ['friday'], firstDayOfWeek: 'monday' },
    range: {
      type: 'endDate',
      startDate: '2026-03-27',
      endDate: '2026-05-01',
      recurrenceTimeZone: 'W. Europe Standard Time',
    },
  },
  cancelledOccurrences: ['OID.AAMk1.2026-04-10'],
};

const FILE: SourceAttachment = {
  kind: 'file',
  name: 'Übersicht; "1".bin',
  contentType: 'application/pdf',
  contentId: '',
  isInline: false,
  content: Buffer.from(Array.from({ length: 300 }, (_, index) => index % 256)),
};

const stored = (properties: EventProperties, more: Partial<StoredEvent> = {}): StoredEvent => ({
  properties,
  attachments: [],
  exceptions: [],
  ...more,
});

function read(text: string) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  for (const zone of calendar.getAllSubcomponents('vtimezone')) {
    ICAL.TimezoneService.register(new ICAL.Timezone(zone));
  }
  return { calendar, events: calendar.getAllSubcomponents('vevent') };
}

const value = (component: any, name: string) => component.getFirstPropertyValue(name);
const instant = (component: any, name: string): string => value(component, name).toJSDate().toISOString();

/** Starts of all occurrences, exceptions in their places, as a calendar program shows them. */
function occurrences(text: string): string[] {
  const { events } = read(text);
  const [master, ...exceptions] = events;
  const event = new ICAL.Event(master, { exceptions: exceptions, strictExceptions: false });
  const iterator = event.iterator();
  const starts: string[] = [];
  for (let next = iterator.next(); next && starts.length < 20; next = iterator.next()) {
    starts.push(event.getOccurrenceDetails(next).startDate.toJSDate().toISOString());
  }
  return starts;
}

describe('a meeting', () => {
  const { text, losses } = eventCalendar(stored(MEETING, { attachments: [FILE] }));
  const [event] = read(text).events as any[];

  test('is read back with all it says', () => {
    expect(losses).toEqual([]);
    expect(value(event, 'uid')).toBe(MEETING.iCalUId);
    expect(value(event, 'summary')).toBe(MEETING.subject);
    expect(value(event, 'description')).toBe('Hello & welcome\n\n“Zoë”');
    expect(value(event, 'x-alt-desc')).toBe(MEETING.body?.content);
    expect(value(event, 'location')).toBe('Room 1, north');
    expect(event.getFirstProperty('categories').getValues()).toEqual(['Red, dark', 'Work']);
    expect(['priority', 'class', 'transp', 'x-microsoft-cdo-busystatus'].map((name) => value(event, name))).toEqual([
      1,
      'PRIVATE',
      'OPAQUE',
      'OOF',
    ]);
    expect(instant(event, 'last-modified')).toBe('2026-01-02T03:04:05.000Z');
  });

  test('is at its time in the zone it was made in', () => {
    expect(event.getFirstProperty('dtstart').getParameter('tzid')).toBe('Europe/Berlin');
    expect([instant(event, 'dtstart'), instant(event, 'dtend')]).toEqual([
      '2026-03-27T09:00:00.000Z',
      '2026-03-27T10:30:00.000Z',
    ]);
  });

  test('knows its people, and how they answered', () => {
    expect(event.getFirstProperty('organizer').toICALString()).toContain('mailto:ada@example.com');
    expect(event.getFirstProperty('organizer').getParameter('cn')).toBe('Ada; "the" Countess');
    expect(
      event
        .getAllProperties('attendee')
        .map((one: any) => [
          one.getFirstValue(),
          ...['cn', 'role', 'partstat', 'cutype'].map((name) => one.getParameter(name)),
        ]),
    ).toEqual([
      ['mailto:bob@example.com', 'Bob', 'REQ-PARTICIPANT', 'ACCEPTED', undefined],
      ['mailto:carol@example.com', undefined, 'OPT-PARTICIPANT', 'TENTATIVE', undefined],
      ['mailto:room1@example.com', 'Room 1', 'NON-PARTICIPANT', 'NEEDS-ACTION', 'RESOURCE'],
      ['invalid:nomail', 'No Address', 'REQ-PARTICIPANT', 'DECLINED', undefined],
    ]);
  });

  test('reminds and carries its attachments', () => {
    expect(value(event.getFirstSubcomponent('valarm'), 'trigger').toSeconds()).toBe(-900);
    const attached = event.getFirstProperty('attach');
    expect([attached.getParameter('fmttype'), attached.getParameter('filename')]).toEqual([
      FILE.contentType,
      FILE.name,
    ]);
    const bytes = attached.getFirstValue();
    expect(Buffer.from(bytes.value ?? bytes, 'base64')).toEqual(FILE.content);
  });
});

describe('an all-day event', () => {
  test('has dates, and no zone', () => {
    const { text } = eventCalendar(
      stored({
        ...MEETING,
        isAllDay: true,
        start: { dateTime: '2026-01-05T00:00:00', timeZone: 'Pacific Standard Time' },
        end: { dateTime: '2026-01-07T00:00:00', timeZone: 'Pacific Standard Time' },
      }),
    );
    expect(text).toContain('DTSTART;VALUE=DATE:20260105\r\nDTEND;VALUE=DATE:20260107');
    expect(text).not.toContain('VTIMEZONE');
  });

  test('that repeats ends, pauses and changes by dates', () => {
    const day = { dateTime: '2026-03-27T00:00:00', timeZone: 'W. Europe Standard Time' };
    const { text } = eventCalendar(
      stored(
        { ...SERIES, isAllDay: true, start: day, end: { ...day, dateTime: '2026-03-28T00:00:00' } },
        {
          exceptions: [
            {
              originalStart: '2026-04-16T22:00:00Z',
              properties: { ...MEETING, isAllDay: true, start: { ...day, dateTime: '2026-04-18T00:00:00' }, end: null },
              attachments: [],
            },
          ],
        },
      ),
    );
    expect(text).toMatch(/RRULE:.*UNTIL=20260501/);
    expect(text).toContain('EXDATE;VALUE=DATE:20260410');
    expect(text).toContain('RECURRENCE-ID;VALUE=DATE:20260417');
  });
});

describe('a series', () => {
  const exception = {
    originalStart: '2026-04-17T08:00:00Z',
    properties: {
      ...MEETING,
      subject: 'Moved',
      start: { dateTime: '2026-04-18T14:00:00.0000000', timeZone: 'W. Europe Standard Time' },
      end: { dateTime: '2026-04-18T15:00:00.0000000', timeZone: 'W. Europe Standard Time' },
    },
    attachments: [FILE],
  };
  const { text } = eventCalendar(stored(SERIES, { exceptions: [exception] }));

  test('keeps its hour over the change of clocks, leaves out what was cancelled and shows what was moved', () => {
    expect(occurrences(text)).toEqual([
      '2026-03-27T09:00:00.000Z',
      '2026-04-03T08:00:00.000Z',
      '2026-04-18T12:00:00.000Z',
      '2026-04-24T08:00:00.000Z',
      '2026-05-01T08:00:00.000Z',
    ]);
  });

  test('has its exceptions as events of the same id with their own attachments', () => {
    const [, moved] = read(text).events as any[];
    expect([value(moved, 'uid'), value(moved, 'summary')]).toEqual([MEETING.iCalUId, 'Moved']);
    expect(moved.getAllProperties('attach')).toHaveLength(1);
  });

  test('made in another zone than its times are given in keeps the hour of the zone it was made in', () => {
    const inUtc = {
      ...SERIES,
      start: { dateTime: '2026-03-27T09:00:00.0000000', timeZone: 'UTC' },
      end: { dateTime: '2026-03-27T10:30:00.0000000', timeZone: 'UTC' },
    };
    expect(occurrences(eventCalendar(stored(inUtc)).text).slice(0, 2)).toEqual([
      '2026-03-27T09:00:00.000Z',
      '2026-04-03T08:00:00.000Z',
    ]);
  });
});

describe('what cannot be exported whole is named', () => {
  test.each<[string, StoredEvent, string]>([
    [
      'an unknown zone',
      stored({
        ...MEETING,
        originalStartTimeZone: 'tzone://Microsoft/Custom',
        start: { dateTime: '2026-01-01T00:00:00', timeZone: 'Customized Time Zone' },
      }),
      'tzone://Microsoft/Custom',
    ],
    [
      'an unknown rule',
      stored({ ...SERIES, recurrence: { pattern: { type: 'lunar' }, range: { type: 'noEnd' } } }),
      'rule',
    ],
    [
      'a day that February lacks',
      stored({ ...SERIES, recurrence: { ...SERIES.recurrence, pattern: { type: 'absoluteMonthly', dayOfMonth: 30 } } }),
      'months without this day',
    ],
    ['an event without start', stored({ ...MEETING, start: null }), 'no start'],
    [
      'a link to the cloud',
      stored(MEETING, { attachments: [{ ...FILE, kind: 'reference', name: 'Plan.docx' }] }),
      'Plan.docx',
    ],
    [
      'an occurrence that replaces none',
      stored(SERIES, { exceptions: [{ originalStart: '', properties: MEETING, attachments: [] }] }),
      'left out',
    ],
  ])('%s', (_, event, expected) => {
    const { losses, text } = eventCalendar(event);
    expect(losses).toEqual([expect.stringContaining(expected)]);
    expect(read(text).events).toHaveLength(1);
  });
});

test('an attachment too large for a calendar lies beside it', () => {
  const large = { ...FILE, content: Buffer.alloc(1024 * 1024 + 1) };
  const { text, beside } = eventCalendar(stored(MEETING, { attachments: [large, FILE] }));
  expect(beside.map(({ name, content }) => [name, content === large.content])).toEqual([[FILE.name, true]]);
  expect((read(text).events[0] as any).getAllProperties('attach')).toHaveLength(1);
});

test('a calendar of many events is one file in which each zone is defined once, before it is used', () => {
  const calendar = new CalendarFile('Ada’s calendar');
  const events = ['One', 'Two', 'Three'].map((subject) => stored({ ...MEETING, iCalUId: subject, subject }));
  const text = calendar.head + events.map((event) => calendar.event(event).text).join('') + CalendarFile.end;
  const { calendar: parsed, events: found } = read(text);
  expect(found.map((event) => value(event, 'summary'))).toEqual(['One', 'Two', 'Three']);
  expect(parsed.getAllSubcomponents('vtimezone')).toHaveLength(1);
  expect(value(parsed, 'x-wr-calname')).toBe('Ada’s calendar');
});

test('whatever fields say, no line of the calendar is made by them', () => {
  const evil = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('a\r\nEND:VEVENT\r\nBEGIN:VEVENT', 'x\nATTACH:y', '";:,\\n', '\u2028X:1', '\x85X:1'),
  );
  fc.assert(
    fc.property(evil, evil, evil, (one, two, three) => {
      const { text } = eventCalendar(
        stored(
          {
            ...SERIES,
            subject: one,
            iCalUId: two,
            body: { contentType: 'text', content: three },
            location: { displayName: one },
            organizer: person(two, three),
            attendees: [{ ...person(one, two), type: three, status: { response: one } }],
            categories: [two],
            originalStartTimeZone: 'UTC',
            cancelledOccurrences: [three],
          },
          { attachments: [{ ...FILE, name: one, contentType: two }] },
        ),
      );
      expect(text.match(/^(BEGIN|END):VEVENT/gm)).toHaveLength(2);
      expect(text).not.toMatch(/[^\r]\n|\r[^\n]/);
      expect(read(text).events).toHaveLength(1);
    }),
    { numRuns: 60 },
  );
});
