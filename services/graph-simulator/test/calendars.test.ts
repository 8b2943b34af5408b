import { beforeAll, describe, expect, test } from '@jest/globals';
import type { CalendarTruth, NewEvent } from '@backhaul/graph-simulator';
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

const at = (dateTime: string, timeZone = 'UTC') => ({ dateTime, timeZone });
const meeting = (more: object = {}) => ({
  subject: 'Meeting',
  body: { contentType: 'html', content: '<p>hello</p>' },
  start: at('2026-03-02T10:00:00', 'W. Europe Standard Time'),
  end: at('2026-03-02T10:30:00', 'W. Europe Standard Time'),
  ...more,
});
const weekly = (more: object = {}) =>
  meeting({
    recurrence: {
      pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'], firstDayOfWeek: 'sunday' },
      range: {
        type: 'numbered',
        startDate: '2026-03-02',
        numberOfOccurrences: 6,
        recurrenceTimeZone: 'W. Europe Standard Time',
      },
    },
    ...more,
  });
const window = 'startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-05-01T00:00:00Z';

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

describe('series', () => {
  test('take place at the same local time on both sides of a change of clocks', async () => {
    const { json } = await post(weekly());
    const { value } = await bench.graph.all(`${base}/events/${json.id}/instances?${window}`, { headers: immutable });
    expect(value.map(({ start }) => start.dateTime.slice(0, 16))).toEqual([
      '2026-03-02T09:00',
      '2026-03-09T09:00',
      '2026-03-16T09:00',
      '2026-03-23T09:00',
      '2026-03-30T08:00',
      '2026-04-06T08:00',
    ]);
    expect(new Set(value.map(({ id }) => id)).size).toBe(6);
    expect(new Set(value.map(({ iCalUId }) => iCalUId)).size).toBe(6);
    expect(value.every(({ type, seriesMasterId }) => type === 'occurrence' && seriesMasterId === json.id)).toBe(true);
  });

  test('a changed occurrence becomes an exception with a new id, a deleted one is cancelled, and the series tells both', async () => {
    const { json } = await post(weekly());
    const instances = `${base}/events/${json.id}/instances?${window}`;
    const { value } = await bench.graph.all(instances, { headers: immutable });
    const changed = await bench.graph.call(`${base}/events/${value[1].id}`, {
      method: 'PATCH',
      headers: immutable,
      body: { subject: 'Only once', start: at('2026-03-10T12:00:00'), end: at('2026-03-10T13:00:00') },
    });
    expect(changed.json).toMatchObject({
      type: 'exception',
      subject: 'Only once',
      originalStart: '2026-03-09T09:00:00Z',
    });
    expect(changed.json.id).not.toBe(value[1].id);
    expect((await bench.graph.call(`${base}/events/${value[1].id}`)).status).toBe(404);
    await bench.graph.call(`${base}/events/${changed.json.id}/attachments`, {
      method: 'POST',
      body: { '@odata.type': '#microsoft.graph.fileAttachment', name: 'once.txt', contentBytes: 'aGk=' },
    });
    await bench.graph.call(`${base}/events/${value[2].id}`, { method: 'DELETE' });
    const after = await bench.graph.all(instances, { headers: immutable });
    expect(after.value.map(({ subject }) => subject)).toEqual([
      'Meeting',
      'Only once',
      'Meeting',
      'Meeting',
      'Meeting',
    ]);
    const plain = await bench.graph.call(`${base}/events/${json.id}`, { headers: immutable });
    expect(plain.json).not.toHaveProperty('exceptionOccurrences');
    expect(plain.json).not.toHaveProperty('cancelledOccurrences');
    const whole = await bench.graph.call(
      `${base}/events/${json.id}?$select=subject,cancelledOccurrences&$expand=exceptionOccurrences,attachments`,
      { headers: immutable },
    );
    expect(whole.json.cancelledOccurrences).toEqual([`OID.${json.id}.2026-03-16`]);
    expect(whole.json.exceptionOccurrences).toHaveLength(1);
    expect(whole.json.exceptionOccurrences[0]).toMatchObject({ id: changed.json.id, hasAttachments: true });
    expect(whole.json.attachments).toEqual([]);
    const own = await bench.graph.call(`${base}/events/${changed.json.id}/attachments`);
    expect(own.json.value.map(({ name }: { name: string }) => name)).toEqual(['once.txt']);
    const { canonical } = (await truth()).events.find(({ id }) => id === json.id)!;
    expect(canonical!.cancelled).toEqual(['2026-03-16']);
    expect(canonical!.exceptions).toHaveLength(1);
    expect(canonical!.exceptions[0]).toMatchObject({
      originalStart: '2026-03-09T09:00:00Z',
      event: { subject: 'Only once', start: '2026-03-10T12:00:00Z', attachments: [{ name: 'once.txt' }] },
    });
  });

  test('an exception has what its series has, until it says otherwise; its attachments have ids of their own', async () => {
    const attachments = [{ '@odata.type': '#microsoft.graph.fileAttachment', name: 'all.txt', contentBytes: 'aGk=' }];
    const { json } = await post(weekly({ attachments }));
    const path = `${base}/events/${json.id}`;
    const { value } = await bench.graph.all(`${path}/instances?${window}`, { headers: immutable });
    const { json: exception } = await bench.graph.call(`${base}/events/${value[0].id}`, {
      method: 'PATCH',
      headers: immutable,
      body: { showAs: 'free' },
    });
    await bench.graph.call(path, { method: 'PATCH', body: { subject: 'All of them' } });
    const read = await bench.graph.call(`${base}/events/${exception.id}?$expand=attachments`);
    expect(read.json).toMatchObject({ subject: 'All of them', showAs: 'free', attachments: [{ name: 'all.txt' }] });
    const master = await bench.graph.call(`${path}?$expand=attachments`);
    expect(read.json.attachments[0].id).not.toBe(master.json.attachments[0].id);
  });

  test('another time of the whole series does away with exceptions and cancellations', async () => {
    const { json } = await post(weekly());
    const path = `${base}/events/${json.id}`;
    const { value } = await bench.graph.all(`${path}/instances?${window}`, { headers: immutable });
    await bench.graph.call(`${base}/events/${value[0].id}`, { method: 'DELETE' });
    await bench.graph.call(path, {
      method: 'PATCH',
      body: { start: at('2026-03-02T11:00:00'), end: at('2026-03-02T12:00:00') },
    });
    const { value: after } = await bench.graph.all(`${path}/instances?${window}`);
    expect(after).toHaveLength(6);
    expect(after[0].start.dateTime).toBe('2026-03-02T11:00:00.0000000');
  });

  test('a test puts a whole series with its exceptions and cancellations, and edits it', async () => {
    const { control } = bench.simulator;
    const given: NewEvent = {
      mailbox: user,
      event: weekly({
        organizer: { emailAddress: { name: 'Boss', address: 'Boss@X.example' } },
        responseStatus: { response: 'accepted' },
        attendees: [{ emailAddress: { name: 'B', address: 'b@x.example' }, status: { response: 'declined' } }],
      }),
      exceptions: [{ date: '2026-03-16', set: { subject: 'Other', attachments: [] } }],
      cancelled: ['2026-03-23'],
    };
    const before = await sent();
    const { id } = await control.addEvent(given);
    await control.edit(
      {
        do: 'change-occurrence',
        mailbox: user,
        event: id,
        date: '2026-03-30',
        set: { location: { displayName: 'Roof' } },
      },
      { do: 'cancel-occurrence', mailbox: user, event: id, date: '2026-03-09' },
      { do: 'update-event', mailbox: user, event: id, set: { importance: 'high' } },
    );
    const { canonical } = (await truth()).events.find((event) => event.id === id)!;
    expect(canonical).toMatchObject({
      importance: 'high',
      organizer: { name: 'Boss', address: 'boss@x.example' },
      attendees: [{ name: 'B', address: 'b@x.example', type: 'required', response: 'declined' }],
      cancelled: ['2026-03-09', '2026-03-23'],
      exceptions: [
        { event: { subject: 'Other', importance: 'high' } },
        { event: { location: 'Roof', importance: 'high' } },
      ],
    });
    const read = await bench.graph.call(`${base}/events/${id}`);
    expect(read.json).toMatchObject({ isOrganizer: false, responseStatus: { response: 'accepted' } });
    expect(await sent()).toBe(before);
    await expect(control.addEvent({ ...given, cancelled: ['2026-03-24'] })).rejects.toThrow(
      'no occurrence on 2026-03-24',
    );
  });
});

describe('large attachments of events', () => {
  test('come in fragments; the session tells the address of what was made', async () => {
    const { json } = await post(meeting());
    const size = 3_200_000;
    const session = await bench.graph.call(`${base}/events/${json.id}/attachments/createUploadSession`, {
      method: 'POST',
      body: { AttachmentItem: { attachmentType: 'file', name: 'large.bin', size } },
    });
    expect(session.status).toBe(201);
    const bytes = Buffer.alloc(size, 7);
    const put = (from: number, to: number) =>
      bench.graph.raw(session.json.uploadUrl, {
        method: 'PUT',
        headers: { 'content-range': `bytes ${from}-${to - 1}/${size}` },
        body: bytes.subarray(from, to),
      });
    expect((await put(0, 2_000_000)).json.NextExpectedRanges).toEqual(['2000000']);
    const done = await put(2_000_000, size);
    expect(done.status).toBe(201);
    const id = /Events\('[^']+'\)\/Attachments\('([^']+)'\)$/.exec(String(done.headers['location']))![1]!;
    const mutable = (await bench.graph.call(`${base}/events/${json.id}?$select=id`)).json.id as string;
    const value = await bench.graph.call(`${base}/events/${mutable}/attachments/${id}/$value`);
    expect(value.bytes.equals(bytes)).toBe(true);
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
