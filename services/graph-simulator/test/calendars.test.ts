import { beforeAll, describe, expect, test } from '@jest/globals';
import type { CalendarTruth } from '@backhaul/graph-simulator';
import { at, meeting, weekly, window } from './support/meetings.ts';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({ mailboxes: 2, messages: 4, events: 60, seed: 8 });
let user = '';
let base = '';
const immutable = { prefer: 'IdType="ImmutableId", odata.maxpagesize=9' };
const truth = (): Promise<CalendarTruth> => bench.simulator.control.calendarTruth({ mailbox: user });
const sent = async (): Promise<number> => (await bench.simulator.control.sent()).invitations;

beforeAll(async () => {
  user = (await bench.simulator.control.users())[0]!.id;
  base = `/users/${user}`;
});

const post = (body: object, headers: Record<string, string> = immutable, calendar = `${base}/events`) =>
  bench.graph.call(calendar, { method: 'POST', headers, body });

describe('calendars', () => {
  test('own and shared ones are listed; the owner and canEdit tell them apart', async () => {
    const { value } = await bench.graph.all(`${base}/calendars`);
    const { calendars } = await truth();
    expect(value.map(({ id, name }) => [id, name])).toEqual(calendars.map(({ id, name }) => [id, name]));
    const own = calendars.filter(({ isOwn }) => isOwn).map(({ id }) => id);
    const me = (await bench.graph.call(base)).json.mail as string;
    expect(value.filter(({ canEdit }) => canEdit).map(({ id }) => id)).toEqual(own);
    expect(value.filter(({ owner }) => owner.address === me).map(({ id }) => id)).toEqual(own);
    expect(own.length).toBe(value.length - 1);
    const byDefault = await bench.graph.call(`${base}/calendar`);
    expect(byDefault.json).toMatchObject({ id: own[0], isDefaultCalendar: true, isRemovable: false });
    const groups = await bench.graph.all(`${base}/calendarGroups`);
    const shared = await bench.graph.all(`${base}/calendarGroups/${groups.value[1].id}/calendars`);
    expect(shared.value).toHaveLength(1);
    const refused = await post(meeting(), {}, `${base}/calendars/${shared.value[0].id}/events`);
    expect([refused.status, refused.json.error.code]).toEqual([403, 'ErrorAccessDenied']);
  });

  test('are made, renamed and deleted; a name that is taken is refused', async () => {
    const make = (name: string) => bench.graph.call(`${base}/calendars`, { method: 'POST', body: { name } });
    const made = await make('Trips');
    expect([made.status, made.json.canEdit]).toEqual([201, true]);
    expect((await make('TRIPS')).json.error.code).toBe('ErrorFolderExists');
    const path = `${base}/calendars/${made.json.id}`;
    expect((await bench.graph.call(path, { method: 'PATCH', body: { name: 'Journeys' } })).json.name).toBe('Journeys');
    const event = await post(meeting(), immutable, `${path}/events`);
    expect((await bench.graph.all(`${path}/events`)).value).toHaveLength(1);
    expect((await bench.graph.call(path, { method: 'DELETE' })).status).toBe(204);
    expect((await bench.graph.call(`${base}/events/${event.json.id}`)).status).toBe(404);
    const standard = await bench.graph.call(`${base}/calendar`);
    expect((await bench.graph.call(`${base}/calendars/${standard.json.id}`, { method: 'DELETE' })).status).toBe(403);
  });
});

describe('events', () => {
  test('single ones and series of all own calendars are listed, occurrences are not', async () => {
    const { calendars, events } = await truth();
    const found: string[] = [];
    for (const { id, isOwn } of calendars) {
      if (!isOwn) continue;
      const { value } = await bench.graph.all(`${base}/calendars/${id}/events?$select=changeKey,type`, {
        headers: immutable,
      });
      found.push(...value.map((event) => `${id} ${event.id} ${event.changeKey} ${event.type}`));
    }
    expect(found.sort()).toEqual(
      events.map(({ calendarId, id, changeKey, type }) => `${calendarId} ${id} ${changeKey} ${type}`).sort(),
    );
    const types = new Set(events.map(({ canonical }) => canonical!.recurrence?.pattern.type ?? 'single'));
    expect([...types].sort()).toEqual(
      ['absoluteMonthly', 'absoluteYearly', 'daily', 'relativeMonthly', 'relativeYearly', 'single', 'weekly'].sort(),
    );
    expect(events.filter(({ canonical }) => canonical!.exceptions.length > 0).length).toBeGreaterThan(3);
    expect(events.filter(({ canonical }) => canonical!.cancelled.length > 0).length).toBeGreaterThan(3);
  });

  test('times come in the zone that is preferred, by Windows or IANA name; the authored zone is kept', async () => {
    const { json } = await post(meeting());
    expect(json.start).toEqual({ dateTime: '2026-03-02T09:00:00.0000000', timeZone: 'UTC' });
    expect(json.originalStartTimeZone).toBe('W. Europe Standard Time');
    for (const [name, local] of [
      ['Pacific Standard Time', '2026-03-02T01:00:00.0000000'],
      ['Asia/Kolkata', '2026-03-02T14:30:00.0000000'],
    ]) {
      const answer = await bench.graph.call(`${base}/events/${json.id}`, {
        headers: { prefer: `outlook.timezone="${name}"` },
      });
      expect(answer.json.start).toEqual({ dateTime: local, timeZone: name });
      expect(answer.headers['preference-applied']).toContain(`outlook.timezone="${name}"`);
    }
    const none = await bench.graph.call(`${base}/events/${json.id}`, {
      headers: { prefer: 'outlook.timezone="Nowhere"' },
    });
    expect([none.status, none.json.error.code]).toEqual([400, 'TimeZoneNotSupportedException']);
  });

  test('a posted event is the truth in canonical form; nobody is invited without attendees', async () => {
    const before = await sent();
    const { json } = await post(
      meeting({
        subject: '  All \t about it ',
        body: { contentType: 'text', content: 'a & b' },
        isAllDay: true,
        start: at('2026-07-01T00:00:00', 'Tokyo Standard Time'),
        end: at('2026-07-03T00:00:00', 'Tokyo Standard Time'),
        categories: ['b', 'a'],
        showAs: 'oof',
        isReminderOn: false,
        location: { displayName: 'Here' },
        attachments: [
          {
            '@odata.type': '#microsoft.graph.fileAttachment',
            name: 'a.txt',
            contentType: 'text/plain',
            contentBytes: 'aGk=',
          },
        ],
      }),
    );
    const { canonical } = (await truth()).events.find(({ id }) => id === json.id)!;
    const me = (await bench.graph.call(base)).json;
    expect(canonical).toEqual({
      folderPath: ['Calendar'],
      subject: 'All about it',
      body: { type: 'html', text: expect.stringContaining('a &amp; b') },
      start: '2026-07-01',
      end: '2026-07-03',
      isAllDay: true,
      timeZone: 'Tokyo Standard Time',
      location: 'Here',
      showAs: 'oof',
      sensitivity: 'normal',
      importance: 'normal',
      categories: ['a', 'b'],
      isReminderOn: false,
      reminderMinutesBeforeStart: 0,
      recurrence: null,
      organizer: { name: me.displayName, address: me.mail },
      attendees: [],
      attachments: [
        {
          kind: 'file',
          name: 'a.txt',
          contentType: 'text/plain',
          contentId: '',
          isInline: false,
          sha256: '8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4',
        },
      ],
      exceptions: [],
      cancelled: [],
    });
    expect(await sent()).toBe(before);
  });

  test('whoever is invited gets a mail at the making, the changing and the end of a meeting', async () => {
    const before = await sent();
    const attendees = [{ type: 'required', emailAddress: { name: 'B', address: 'b@x.example' } }];
    const { json } = await post(meeting({ attendees }));
    expect(await sent()).toBe(before + 1);
    await bench.graph.call(`${base}/events/${json.id}`, { method: 'PATCH', body: { subject: 'Moved' } });
    expect(await sent()).toBe(before + 2);
    await bench.graph.call(`${base}/events/${json.id}`, { method: 'DELETE' });
    expect(await sent()).toBe(before + 3);
    const series = await post(weekly({ attendees }));
    const [first] = (await bench.graph.all(`${base}/events/${series.json.id}/instances?${window}`)).value;
    await bench.graph.call(`${base}/events/${first.id}`, { method: 'DELETE' });
    expect(await sent()).toBe(before + 5);
  });

  test('the same transaction makes one event; another request under its name is refused', async () => {
    const before = (await truth()).events.length;
    const body = meeting({ transactionId: 'once-only' });
    const [first, again] = [await post(body), await post(body)];
    expect([first.status, again.status, again.json.id]).toEqual([201, 201, first.json.id]);
    const other = await post({ ...body, subject: 'Another' });
    expect([other.status, other.json.error.code]).toEqual([409, 'ErrorDuplicateTransactionId']);
    expect((await truth()).events).toHaveLength(before + 1);
    const found = await bench.graph.call(
      `${base}/events?$filter=${encodeURIComponent("transactionId eq 'once-only'")}`,
    );
    expect(found.json.value).toHaveLength(1);
    const uid = await bench.graph.call(
      `${base}/events?$filter=${encodeURIComponent(`iCalUId eq '${first.json.iCalUId}'`)}`,
    );
    expect(uid.json.value.map(({ subject }: { subject: string }) => subject)).toEqual(['Meeting']);
  });

  test.each<[what: string, body: object, code: string]>([
    ['no end', { subject: 'x', start: at('2026-01-01T00:00:00') }, 'ErrorPropertyValidationFailure'],
    ['a zone that is none', meeting({ start: at('2026-03-02T10:00:00', 'Moon') }), 'TimeZoneNotSupportedException'],
    [
      'an end before the start',
      meeting({ end: at('2026-03-01T10:00:00') }),
      'ErrorCalendarEndDateIsEarlierThanStartDate',
    ],
    ['an all-day event at ten', meeting({ isAllDay: true }), 'ErrorPropertyValidationFailure'],
    [
      'an all-day event in two zones',
      meeting({
        isAllDay: true,
        start: at('2026-03-02T00:00:00'),
        end: at('2026-03-03T00:00:00', 'Tokyo Standard Time'),
      }),
      'ErrorPropertyValidationFailure',
    ],
    [
      'a weekly series on no day',
      meeting({
        recurrence: { pattern: { type: 'weekly', interval: 1 }, range: { type: 'noEnd', startDate: '2026-03-02' } },
      }),
      'ErrorPropertyValidationFailure',
    ],
    [
      'an interval of none',
      meeting({
        recurrence: { pattern: { type: 'daily', interval: 0 }, range: { type: 'noEnd', startDate: '2026-03-02' } },
      }),
      'ErrorPropertyValidationFailure',
    ],
    [
      'an empty zone of a recurrence',
      meeting({
        recurrence: {
          pattern: { type: 'daily', interval: 1 },
          range: { type: 'noEnd', startDate: '2026-03-02', recurrenceTimeZone: '' },
        },
      }),
      'ErrorPropertyValidationFailure',
    ],
    [
      'an attendee without an address',
      meeting({ attendees: [{ emailAddress: { name: 'B' } }] }),
      'ErrorInvalidRecipients',
    ],
  ])('%s is refused', async (_, body, code) => {
    const before = (await truth()).events.length;
    const answer = await post(body);
    expect([answer.status, answer.json.error.code]).toEqual([400, code]);
    expect((await truth()).events).toHaveLength(before);
  });
});

test('a change of calendars touches the share that was asked for', async () => {
  const { control } = bench.simulator;
  const before = await truth();
  const report = await control.change({ percent: 10, seed: 4, parts: ['calendar'], mailboxes: [user] });
  const after = await truth();
  const share = Math.ceil(before.events.length * 0.1);
  expect([report.calendar.new, report.calendar.changed, report.calendar.deleted].map((list) => list.length)).toEqual([
    share,
    share,
    share,
  ]);
  const hashes = new Map(before.events.map(({ id, canonicalHash }) => [id, canonicalHash]));
  for (const { id } of report.calendar.changed)
    expect(after.events.find((event) => event.id === id)!.canonicalHash).not.toBe(hashes.get(id));
  expect((await control.calendarTruth({ mailbox: user, mark: before.mark })).events).toEqual(before.events);
  expect(report.contacts.new).toEqual([]);
});
