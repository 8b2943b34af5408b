import { beforeAll, describe, expect, test } from '@jest/globals';
import type { CalendarEdit } from '@backhaul/graph-simulator';
import { seededRandom } from '../src/generate/random.ts';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({ mailboxes: 1, messages: 4, events: 45, seed: 21 });
let user = '';
let base = '';
const immutable = { prefer: 'IdType="ImmutableId", odata.maxpagesize=25' };
const WINDOW = 'startDateTime=2024-06-01T00:00:00Z&endDateTime=2025-06-01T00:00:00Z';

beforeAll(async () => {
  user = (await bench.simulator.control.users())[0]!.id;
  base = `/users/${user}`;
});

const ids = (entries: { id: string }[]): string[] => entries.map(({ id }) => id).sort();

/** What takes place in the window of the default calendar, by plain listing: instances, and the series that they are of. */
async function listed(): Promise<string[]> {
  const { value } = await bench.graph.all(`${base}/calendarView?${WINDOW}&$select=type,seriesMasterId`, {
    headers: immutable,
  });
  const masters = value.flatMap(({ seriesMasterId }) => (seriesMasterId === null ? [] : [seriesMasterId as string]));
  return [...new Set([...ids(value), ...masters])].sort();
}

describe('calendarView', () => {
  test('shows single events and the occurrences of series that reach into the window, by start', async () => {
    const { value } = await bench.graph.all(`${base}/calendarView?${WINDOW}`, { headers: immutable });
    const starts = value.map(({ start }) => start.dateTime as string);
    expect(starts).toEqual([...starts].sort());
    expect(value.length).toBeGreaterThan(100);
    for (const { start, end, type } of value) {
      expect(start.dateTime < '2025-06-01').toBe(true);
      expect(end.dateTime >= '2024-06-01').toBe(true);
      expect(type).not.toBe('seriesMaster');
    }
  });

  test.each([
    ['no window', '', 'ErrorInvalidParameter', 'StartDateTime and EndDateTime'],
    ['half a window', 'startDateTime=2026-01-01', 'ErrorInvalidParameter', 'StartDateTime and EndDateTime'],
    [
      '1826 days',
      'startDateTime=2020-01-01&endDateTime=2025-01-01',
      'ErrorInvalidRequest',
      'Maximum number of days: 1825',
    ],
    ['no time', 'startDateTime=soon&endDateTime=2025-01-01', 'ErrorInvalidParameter', 'soon'],
  ])('%s is refused', async (_, window, code, words) => {
    for (const path of ['calendarView', 'calendar/calendarView', 'calendarView/delta']) {
      const { status, json } = await bench.graph.call(`${base}/${path}?${window}`);
      expect([status, json.error.code]).toEqual([400, code]);
      expect(json.error.message).toContain(words);
    }
  });

  test('1825 days are taken', async () => {
    const answer = await bench.graph.call(`${base}/calendarView?startDateTime=2020-01-01&endDateTime=2024-12-30`);
    expect(answer.status).toBe(200);
  });
});

describe('calendarView/delta', () => {
  test('tells events and series whole, occurrences thin, exceptions whole', async () => {
    const { value, last, pages } = await bench.graph.all(`${base}/calendarView/delta?${WINDOW}`, {
      headers: immutable,
    });
    expect(ids(value)).toEqual(await listed());
    expect(pages).toBeGreaterThan(2);
    expect(last['@odata.deltaLink']).not.toContain('startDateTime');
    const ofType = (wanted: string): Record<string, unknown>[] => value.filter(({ type }) => type === wanted);
    const thin = ['@odata.type', 'end', 'id', 'seriesMasterId', 'start', 'type'];
    for (const occurrence of ofType('occurrence')) expect(Object.keys(occurrence).sort()).toEqual(thin);
    for (const type of ['singleInstance', 'seriesMaster', 'exception']) {
      expect(ofType(type).length).toBeGreaterThan(0);
      for (const event of ofType(type)) expect(event).toHaveProperty('subject');
    }
  });

  test.each(['$select=subject', '$filter=isAllDay eq true', '$expand=attachments', '$orderby=subject', '$search=x'])(
    '%s is refused',
    async (option) => {
      const answer = await bench.graph.call(`${base}/calendarView/delta?${WINDOW}&${encodeURI(option)}`);
      expect(answer.status).toBe(400);
    },
  );

  test('a replica that follows its links equals the view after any edits, also those made while it walks', async () => {
    const { control } = bench.simulator;
    const known = new Set<string>();
    let link: string | null = null;
    const sync = async (): Promise<void> => {
      const round: { value: any[]; last: any } = await bench.graph.all(link ?? `${base}/calendarView/delta?${WINDOW}`, {
        headers: immutable,
      });
      link = round.last['@odata.deltaLink'];
      for (const entry of round.value) {
        if (entry['@removed'] === undefined) known.add(entry.id);
        else known.delete(entry.id);
      }
    };
    const random = seededRandom(77);
    const randomEdits = async (): Promise<CalendarEdit[]> => {
      const { events } = await control.calendarTruth({ mailbox: user });
      const edits: CalendarEdit[] = [];
      const used = new Set<string>();
      for (let number = 0; number < 8; number++) {
        const { id, canonical } = random.pick(events);
        if (used.has(id)) continue;
        used.add(id);
        if (canonical!.recurrence !== null && random.chance(0.7)) {
          const { value } = await bench.graph.all(`${base}/events/${id}/instances?${WINDOW}`, {
            headers: { prefer: `outlook.timezone="${canonical!.recurrence.range.timeZone}"` },
          });
          const plain = value.filter(({ type }) => type === 'occurrence');
          if (plain.length === 0) continue;
          const date = (random.pick(plain).start.dateTime as string).slice(0, 10);
          const event = { mailbox: user, event: id, date };
          if (random.chance(0.5)) edits.push({ do: 'cancel-occurrence', ...event });
          else edits.push({ do: 'change-occurrence', ...event, set: { subject: `Round ${number}` } });
        } else if (random.chance(0.4)) edits.push({ do: 'delete-event', mailbox: user, event: id });
        else if (canonical!.recurrence === null) {
          const day = random.pick(['2024-05-20', '2024-10-10', '2025-07-07']);
          const [from, to] = [`${day}T10:00:00`, `${day}T11:00:00`].map((dateTime) => ({ dateTime, timeZone: 'UTC' }));
          edits.push({ do: 'update-event', mailbox: user, event: id, set: { start: from, end: to, isAllDay: false } });
        }
      }
      return edits;
    };
    for (let round = 1; round <= 4; round++) {
      const during = await randomEdits();
      for (const [at, edit] of during.entries()) await control.changeAtRequest({ inRequests: 1 + at, edits: [edit] });
      await sync();
      await control.edit(...(await randomEdits()));
      await sync();
      expect([...known].sort()).toEqual(await listed());
    }
    const applied = await control.appliedChanges();
    expect(applied.filter(({ error }) => error !== null)).toEqual([]);
  });

  test('any edit of a series tells all its occurrences again', async () => {
    const { control } = bench.simulator;
    const { last } = await bench.graph.all(`${base}/calendarView/delta?${WINDOW}`, { headers: immutable });
    const { id } = await control.addEvent({
      mailbox: user,
      event: {
        start: { dateTime: '2025-01-01T10:00:00', timeZone: 'UTC' },
        end: { dateTime: '2025-01-01T11:00:00', timeZone: 'UTC' },
        recurrence: {
          pattern: { type: 'daily', interval: 1 },
          range: { type: 'numbered', startDate: '2025-01-01', numberOfOccurrences: 5 },
        },
      },
    });
    const first = await bench.graph.all(last['@odata.deltaLink'], { headers: immutable });
    expect(first.value).toHaveLength(6);
    await control.edit({ do: 'update-event', mailbox: user, event: id, set: { subject: 'x' } });
    const second = await bench.graph.all(first.last['@odata.deltaLink'], { headers: immutable });
    expect(ids(second.value)).toEqual(ids(first.value));
    const none = await bench.graph.all(second.last['@odata.deltaLink'], { headers: immutable });
    expect(none.value).toEqual([]);
  });

  test('what is changed outside of the window is told as removed, though it is still there', async () => {
    const { control } = bench.simulator;
    const far = { dateTime: '2030-01-01T10:00:00', timeZone: 'UTC' };
    const { id } = await control.addEvent({ mailbox: user, event: { start: far, end: far } });
    const { last } = await bench.graph.all(`${base}/calendarView/delta?${WINDOW}`, { headers: immutable });
    await control.edit({ do: 'update-event', mailbox: user, event: id, set: { subject: 'Still far' } });
    const { value } = await bench.graph.all(last['@odata.deltaLink'], { headers: immutable });
    expect(value).toEqual([{ '@odata.type': '#microsoft.graph.event', id, '@removed': { reason: 'deleted' } }]);
    expect((await bench.graph.call(`${base}/events/${id}`)).json.subject).toBe('Still far');
  });

  test('expired links get 410, and links of another calendar are no use', async () => {
    const { last } = await bench.graph.all(`${base}/calendarView/delta?${WINDOW}`);
    const link = last['@odata.deltaLink'] as string;
    const other = (await bench.graph.call(`${base}/calendars`)).json.value[1].id as string;
    const token = link.split('?')[1]!;
    expect((await bench.graph.call(`${base}/calendars/${other}/calendarView/delta?${token}`)).status).toBe(400);
    await bench.simulator.control.expireDeltaLinks({ mailbox: user });
    const answer = await bench.graph.call(link);
    expect([answer.status, answer.json.error.code]).toEqual([410, 'SyncStateNotFound']);
  });
});
