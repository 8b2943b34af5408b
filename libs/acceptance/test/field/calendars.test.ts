import { expect, test } from '@jest/globals';
import { compareRestoredCalendar } from '../../src/compare/restored-calendar.ts';
import { anHour, differencesOf, fieldMailbox, inDays, mailboxOf, type FieldMailbox } from './field-mailbox.ts';
import { codesOf, fieldScene } from './scene.ts';

/* Calendars: what Microsoft's change tracking of them tells too much, too little, or without end. */

const scene = fieldScene({ mailboxes: 2, messages: 0, events: 8, seed: 5 });
const CALENDAR = { kinds: ['calendar' as const] };
const ZONE = 'W. Europe Standard Time';

/** Every Monday at nine in Berlin, from the Monday before `day` on. */
function weekly(subject: string, day = inDays(0), more: Record<string, unknown> = {}): Record<string, unknown> {
  const date = new Date(day);
  const monday = new Date(date.getTime() - ((date.getUTCDay() + 6) % 7) * 86_400_000).toISOString().slice(0, 10);
  const at = (time: string) => ({ dateTime: `${monday}T${time}:00`, timeZone: ZONE });
  return {
    subject,
    start: at('09:00'),
    end: at('09:30'),
    recurrence: {
      pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'], firstDayOfWeek: 'monday' },
      range: { type: 'noEnd', startDate: monday, recurrenceTimeZone: ZONE },
    },
    ...more,
  };
}

/** The date of the Monday so many weeks from now. */
function mondayIn(weeks: number): string {
  const today = new Date(inDays(0));
  return new Date(today.getTime() + (weeks * 7 - ((today.getUTCDay() + 6) % 7)) * 86_400_000)
    .toISOString()
    .slice(0, 10);
}

test('F60 a view of the calendar that goes on for ever with new links is left, and the calendar is listed', async () => {
  const mailbox = await fieldMailbox(scene);
  await mailbox.addEvent(weekly('Jour fixe'));
  await scene.fault(
    { pathRegex: '/calendarView/delta', mailbox: mailbox.id },
    { kind: 'endless-next-link', variant: 'new-link' },
  );
  const result = await mailbox.backup(CALENDAR);
  expect(codesOf(result)).toEqual(['change-tracking.compared']);
  expect(result.point?.status).toBe('complete');
  expect(await mailbox.differences()).toEqual([]);
  const asked = (await scene.requests(mailbox.id)).filter(({ path }) => path.includes('/calendarView/delta'));
  expect(asked.length).toBeLessThan(10);
});

test('F61 events changed outside of the window, or moved out of it, are not taken for deleted', async () => {
  const mailbox = await fieldMailbox(scene);
  const longAgo = await mailbox.addEvent(anHour('Long ago', inDays(-4_000)));
  const leaves = await mailbox.addEvent(anHour('Leaves the window', inDays(30)));
  await mailbox.addEvent(anHour('Far ahead', inDays(3_000)));
  await mailbox.backup(CALENDAR);
  await mailbox.edit({
    do: 'update-event',
    mailbox: mailbox.id,
    event: longAgo,
    set: { subject: 'Long ago, changed' },
  });
  const set = anHour('Has left the window', inDays(4_000));
  await mailbox.edit({ do: 'update-event', mailbox: mailbox.id, event: leaves, set });
  const { counts, outcome } = await mailbox.backup(CALENDAR);
  expect(outcome).toBe('succeeded');
  expect(counts).toMatchObject({ itemsDeleted: 0, itemsChanged: 2, itemsTotal: 3 });
  expect(await mailbox.differences()).toEqual([]);
});

test('F62 a changed and a cancelled occurrence are noticed, though nothing of the series itself has changed', async () => {
  const mailbox = await fieldMailbox(scene);
  const event = await mailbox.addEvent(weekly('Jour fixe'));
  await mailbox.addEvent(weekly('Left alone'));
  await scene.settings({ keepSeriesKey: 1 });
  await mailbox.backup(CALENDAR);
  const change = { do: 'change-occurrence', mailbox: mailbox.id, event, date: mondayIn(2) } as const;
  await mailbox.edit({ ...change, set: { subject: 'This time elsewhere' } });
  expect((await mailbox.backup(CALENDAR)).counts).toMatchObject({ itemsChanged: 1, itemsNew: 0, itemsDeleted: 0 });
  expect(await mailbox.differences()).toEqual([]);
  await mailbox.edit({ do: 'cancel-occurrence', mailbox: mailbox.id, event, date: mondayIn(3) });
  expect((await mailbox.backup(CALENDAR)).counts).toMatchObject({ itemsChanged: 1, itemsNew: 0, itemsDeleted: 0 });
  expect(await mailbox.differences()).toEqual([]);
  expect((await mailbox.backup(CALENDAR)).counts).toMatchObject({ itemsChanged: 0, bytesRead: 0 });
});

test('F63 an exception that is moved to another day, and changed again, stays one exception of its series', async () => {
  const mailbox = await fieldMailbox(scene);
  const event = await mailbox.addEvent(weekly('Jour fixe'));
  const change = { do: 'change-occurrence', mailbox: mailbox.id, event, date: mondayIn(2) } as const;
  await mailbox.edit({ ...change, set: { subject: 'First' } });
  await mailbox.backup(CALENDAR);
  const tuesday = new Date(Date.parse(mondayIn(2)) + 86_400_000).toISOString().slice(0, 10);
  await mailbox.edit({ ...change, set: anHour('Second', tuesday) });
  expect((await mailbox.backup(CALENDAR)).counts).toMatchObject({ itemsChanged: 1, itemsNew: 0, itemsDeleted: 0 });
  expect(await mailbox.differences()).toEqual([]);
});

test('F64 a single event that became a series, and a series that became single, are what they are now', async () => {
  const mailbox = await fieldMailbox(scene);
  const single = await mailbox.addEvent({ ...weekly('Becomes a series'), recurrence: null });
  const series = await mailbox.addEvent(weekly('Becomes single'));
  await mailbox.backup(CALENDAR);
  const { recurrence } = weekly('');
  await mailbox.edit({ do: 'update-event', mailbox: mailbox.id, event: single, set: { recurrence } });
  await mailbox.edit({ do: 'update-event', mailbox: mailbox.id, event: series, set: { recurrence: null } });
  expect((await mailbox.backup(CALENDAR)).counts).toMatchObject({ itemsChanged: 2, itemsNew: 0, itemsDeleted: 0 });
  expect(await mailbox.differences()).toEqual([]);
});

test('F65 a calendar that somebody shares into the list is left to the mailbox of its owner', async () => {
  const [first] = await scene.control.users();
  const mailbox = mailboxOf(scene, first?.id ?? '');
  const { calendars, events } = await scene.control.calendarTruth({ mailbox: mailbox.id });
  const shared = calendars.find(({ isOwn }) => !isOwn);
  expect(shared).toBeDefined();
  await scene.fault(
    { pathRegex: `/calendars/${shared?.id}/`, mailbox: mailbox.id },
    { kind: 'status', status: 403, code: 'ErrorAccessDenied' },
  );
  const result = await mailbox.backup(CALENDAR);
  expect(result.outcome).toBe('succeeded');
  expect(result.counts.itemsTotal).toBe(events.length);
  expect((await mailbox.point().folders()).map(({ id }) => id)).not.toContain(shared?.id);
  expect(await mailbox.differences()).toEqual([]);
});

test('F66 a series keeps the time on the wall through summer and winter when it is restored', async () => {
  const mailbox = await fieldMailbox(scene);
  await mailbox.addEvent(weekly('At nine in Berlin', '2026-03-02'));
  await mailbox.backup(CALENDAR);
  const { id: into } = await scene.control.addUser();
  await mailbox.restore(into);
  const [source, target] = await Promise.all(
    [mailbox.id, into].map((one) => scene.control.calendarTruth({ mailbox: one })),
  );
  expect(differencesOf(compareRestoredCalendar(source!, target!))).toEqual([]);
  expect(await startsOf(into, target?.events[0]?.id ?? '')).toEqual([
    // Summer time began on 29 March 2026.
    '2026-03-23T08:00:00',
    '2026-03-30T07:00:00',
  ]);
});

test('F67 a window of changes that has been used up is followed by another one, without a loss', async () => {
  const mailbox = await fieldMailbox(scene);
  const event = await mailbox.addEvent(weekly('Jour fixe'));
  await mailbox.backup(CALENDAR);
  await mailbox.edit({
    do: 'change-occurrence',
    mailbox: mailbox.id,
    event,
    date: mondayIn(5),
    set: { subject: 'Changed while the window ended' },
  });
  await yearsLater(mailbox, 1.5);
  expect(await mailbox.differences()).toEqual([]);
  const from = (await scene.requests(mailbox.id))
    .filter(({ path }) => path.includes('calendarView/delta?startDateTime'))
    .map(({ path }) => new URL(path, 'https://host').searchParams.get('startDateTime')?.slice(0, 4));
  expect(new Set(from).size).toBe(2);
});

/** A backup by a clock that is years ahead. */
async function yearsLater(mailbox: FieldMailbox, years: number): Promise<void> {
  const clock = { now: () => new Date(Date.now() + years * 365 * 86_400_000) };
  const result = await mailbox.backup(CALENDAR, { clock });
  expect(result).toMatchObject({ outcome: 'succeeded', counts: { itemsChanged: 1, itemsDeleted: 0 } });
}

/** Starts of the occurrences around the end of March 2026, in UTC. */
async function startsOf(mailbox: string, event: string): Promise<string[]> {
  const path =
    `/users/${mailbox}/events/${encodeURIComponent(event)}/instances` +
    '?startDateTime=2026-03-20T00:00:00Z&endDateTime=2026-04-02T00:00:00Z&$select=start&$top=10';
  const prefer = ['IdType="ImmutableId"', 'outlook.timezone="UTC"'];
  const { value } = await scene.open().json<{ value: { start: { dateTime: string } }[] }>({ path, prefer });
  return value.map(({ start }) => start.dateTime.slice(0, 19));
}
