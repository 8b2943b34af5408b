import { Failure } from '@backhaul/domain';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CalendarTarget, EventFields, EventQuery, EventToCreate, TimeRange } from '../src/calendar-target.ts';
import { canonicalEvent } from '../src/canonical-event.ts';
import type { AttachmentToCreate } from '../src/item-target.ts';
import { againWhenLost } from './again-when-lost.ts';
import { failureOf } from './failure-of.ts';
import type { OpenCalendarTarget, TargetUnderTest } from './target-under-test.ts';

const { signal } = new AbortController();

/** What every implementation of {@link CalendarTarget} promises. */
export function calendarTargetSuite(name: string, open: OpenCalendarTarget): void {
  describe(`calendar target ${name}`, () => {
    let scene: TargetUnderTest<CalendarTarget>;
    let target: CalendarTarget;
    let calendar: string;
    let made = 0;

    beforeEach(async () => {
      scene = await open();
      target = scene.target;
      const found = (await target.folders(signal)).find(({ wellKnownName }) => wellKnownName === 'calendar');
      calendar = found?.id ?? '';
    });
    afterEach(() => scene.close());

    const another = (calendarName: string) => target.ensureFolder('', calendarName, { hidden: false }, signal);
    const create = async (fields: EventFields = {}, more: Partial<EventToCreate> = {}, calendarId = calendar) => {
      const event = { fields: { ...MEETING, ...fields }, transactionId: `t-${(made += 1)}`, mark: MARK, ...more };
      return (await target.create(calendarId, event, signal)).id;
    };
    const twins = async (query: Partial<EventQuery> = {}) => {
      const of = { subject: 'Review', start: time('2026-03-02T10:00'), isAllDay: false, id: null, ...query };
      return (await target.findTwins(calendar, of, signal)).map(({ id }) => id).sort();
    };
    const event = async (id: string) => {
      const found = await target.event(id, ZONE, signal);
      if (found === null) throw new Error(`There is no event ${id}.`);
      return found;
    };
    const occurrence = async (seriesId: string, date: string) => {
      const found = (await target.occurrences(seriesId, MARCH, ZONE, signal)).find(({ start }) =>
        start.dateTime.startsWith(date),
      );
      if (found === undefined) throw new Error(`There is no occurrence of ${date}.`);
      return found;
    };

    describe('a calendar', () => {
      const named = async (wanted: string) =>
        (await target.folders(signal)).filter(({ name: listed }) => listed === wanted);

      test('that is the standard one is there', () => {
        expect(calendar).not.toBe('');
      });

      test('is made once, whatever the case of its name, and takes events', async () => {
        const first = await another('Überblick');
        const second = await another('überblick');
        expect([second.id, second.name]).toEqual([first.id, 'Überblick']);
        expect(await named('Überblick')).toMatchObject([{ id: first.id, parentId: '', wellKnownName: null }]);
        expect((await named('Überblick'))[0]?.isReadOnly ?? false).toBe(false);
        const id = await create({}, {}, first.id);
        expect(await target.findMarked(first.id, 'restore-1', signal)).toEqual([{ id, mark: MARK }]);
      });

      test('whose answer was lost is there once', async () => {
        await scene.loseAnswer('ensureFolder');
        const lost = await againWhenLost(() => another('Lost'));
        expect(await named('Lost')).toMatchObject([{ id: lost.id }]);
      });
    });

    describe('a created event', () => {
      test.each<[string, EventFields]>([
        ['in the zone it was made in', {}],
        ['without a subject', { subject: '' }],
        ['of a whole day', { isAllDay: true, start: time('2026-03-02T00:00'), end: time('2026-03-04T00:00') }],
        ['in another zone', { start: time('2026-03-02T10:00', 'UTC'), end: time('2026-03-02T11:00', 'UTC') }],
        ['with a reminder', { isReminderOn: true, reminderMinutesBeforeStart: 30 }],
        ['without one', { isReminderOn: false }],
        ['private, important and free', { sensitivity: 'private', importance: 'high', showAs: 'free' }],
      ])('is as it was: %s', async (_what, given) => {
        const id = await create(given);
        const fields = { ...MEETING, ...given };
        const zone = fields.start?.timeZone ?? 'UTC';
        const found = await target.event(id, zone, signal);
        const expected = { id, changeKey: '', ...fields, originalStartTimeZone: zone };
        const form = found && { ...(await canonicalEvent(found, [])), organizer: null };
        expect(form).toEqual(await canonicalEvent({ properties: expected, attachments: [], exceptions: [] }, []));
      });

      test('that is text arrives as text, or as the page that Exchange makes of it', async () => {
        const id = await create({ body: { contentType: 'text', content: 'Agenda 1 < 2' } });
        expect((await event(id)).properties.body?.content).toMatch(/Agenda 1 (<|&lt;) 2/);
      });

      test('has no attendees, and leaves the mailbox silent', async () => {
        const id = await create();
        expect((await event(id)).properties.attendees ?? []).toEqual([]);
        expect(await scene.sent()).toBe(0);
      });

      test('whose answer was lost is there once, and is found by its mark', async () => {
        await scene.loseAnswer('create');
        expect(await failureOf(create())).toMatchObject({ kind: 'unavailable' });
        const there = await twins();
        expect(there).toHaveLength(1);
        expect(await target.findMarked(calendar, 'restore-1', signal)).toEqual([{ id: there[0], mark: MARK }]);
      });

      test('is made once for all requests with the same transaction id', async () => {
        const first = await create({}, { transactionId: 'same' });
        const second = await create({}, { transactionId: 'same' }).catch(() => first);
        expect(second).toBe(first);
        expect(await twins()).toEqual([first]);
      });

      test('is not there any more when it is asked for after its removal', async () => {
        const id = await create();
        await target.remove(id, signal);
        expect(await target.event(id, ZONE, signal)).toBeNull();
      });
    });

    describe('a series', () => {
      test('has its occurrences, in the zone that is asked for', async () => {
        const id = await create(SERIES);
        const found = await target.occurrences(id, MARCH, ZONE, signal);
        expect(found.map(({ start }) => start.dateTime.slice(0, 16))).toEqual(MONDAYS.map((date) => `${date}T10:00`));
        expect(found.every(({ isException }) => !isException)).toBe(true);
        const [first] = await target.occurrences(id, MARCH, 'UTC', signal);
        expect(first?.start.dateTime).toMatch(/^2026-03-02T09:00/);
      });

      test('has only those of the time that is asked for', async () => {
        const id = await create(SERIES);
        const within = { from: '2026-03-08T00:00:00.000Z', to: '2026-03-10T00:00:00.000Z' };
        expect(await target.occurrences(id, within, ZONE, signal)).toHaveLength(1);
      });

      test('loses a cancelled occurrence, silently, also when it is cancelled once more', async () => {
        const id = await create(SERIES);
        const gone = await occurrence(id, '2026-03-09');
        await target.cancelOccurrence(gone.id, signal);
        await target.cancelOccurrence(gone.id, signal);
        const left = await target.occurrences(id, MARCH, ZONE, signal);
        expect(left.map(({ start }) => start.dateTime.slice(0, 10))).toEqual(
          MONDAYS.filter((date) => date !== '2026-03-09'),
        );
        expect((await event(id)).properties.cancelledOccurrences).toEqual([expect.stringMatching(/2026-03-09$/)]);
        expect(await scene.sent()).toBe(0);
      });

      test('has an exception where an occurrence was changed, moved ones too', async () => {
        const id = await create(SERIES);
        const fields = { ...MEETING, subject: 'Moved', start: time('2026-03-17T14:00'), end: time('2026-03-17T15:00') };
        await target.changeOccurrence((await occurrence(id, '2026-03-16')).id, fields, signal);
        const { exceptions } = await event(id);
        expect(exceptions).toHaveLength(1);
        expect(Date.parse(exceptions[0]?.originalStart ?? '')).toBe(Date.parse('2026-03-16T09:00:00Z'));
        expect(exceptions[0]?.properties).toMatchObject({ subject: 'Moved' });
        expect(exceptions[0]?.properties.start?.dateTime).toMatch(/^2026-03-17T14:00/);
        expect((await occurrence(id, '2026-03-17')).isException).toBe(true);
      });

      test('of whole days tells when each occurrence would start as it does of exceptions', async () => {
        const day = (date: string) => time(`${date}T00:00`);
        const id = await create({ ...SERIES, isAllDay: true, start: day('2026-03-02'), end: day('2026-03-03') });
        const before = await occurrence(id, '2026-03-16');
        await target.changeOccurrence(before.id, { ...MEETING, subject: 'Changed' }, signal);
        const [exception] = (await event(id)).exceptions;
        if (before.originalStart !== null) expect(exception?.originalStart).toBe(before.originalStart);
      });

      test('keeps attachments of its own apart from those of an exception', async () => {
        const id = await create(SERIES);
        await target.attach(id, file('series.txt'), signal);
        const { id: changed } = await target.changeOccurrence(
          (await occurrence(id, '2026-03-16')).id,
          { ...MEETING, subject: 'Changed' },
          signal,
        );
        for (const inherited of await target.attachments(changed, signal)) {
          await target.detach(changed, inherited.id, signal);
          await target.detach(changed, inherited.id, signal);
        }
        await target.attach(changed, file('own.txt'), signal);
        const { attachments, exceptions } = await event(id);
        expect(attachments.map((one) => one.name)).toEqual(['series.txt']);
        expect(exceptions.flatMap((one) => one.attachments.map((attached) => attached.name))).toEqual(['own.txt']);
      });
    });

    describe('attachments', () => {
      test.each([
        ['of no byte', 0],
        ['of a few bytes', 5],
        ['of several fragments', 4 * 1024 * 1024 + 5],
      ])('%s arrive byte for byte', async (_what, size) => {
        const id = await create();
        const content = Buffer.alloc(size, 'pattern');
        await target.attach(id, { ...file('Übersicht (1).bin'), content }, signal);
        const { attachments } = await event(id);
        expect(attachments).toMatchObject([{ kind: 'file', name: 'Übersicht (1).bin', isInline: false }]);
        expect(Buffer.compare(attachments[0]?.content ?? Buffer.from('none'), content)).toBe(0);
        expect((await target.attachments(id, signal)).map((one) => one.name)).toEqual(['Übersicht (1).bin']);
      });

      test('whose answer was lost are not added twice', async () => {
        const id = await create();
        await scene.loseAnswer('attach');
        expect(await failureOf(target.attach(id, file('once.txt'), signal))).toMatchObject({ kind: 'unavailable' });
        expect(await target.attachments(id, signal)).toHaveLength(1);
      });
    });

    describe('the mark', () => {
      test('says which restore made an event, of which item, and whether it is complete', async () => {
        const id = await create(SERIES);
        expect(await target.findMarked(calendar, 'restore-1', signal)).toEqual([{ id, mark: MARK }]);
        const reduced = { ...MARK, complete: true, isReduced: true };
        await scene.loseAnswer('markComplete');
        await againWhenLost(() => target.markComplete(id, reduced, signal));
        expect(await target.findMarked(calendar, 'restore-1', signal)).toEqual([{ id, mark: reduced }]);
      });

      test('is found in its calendar alone, and not by another restore', async () => {
        const id = await create();
        await create({}, { mark: { ...MARK, restoreId: 'restore-10' } });
        const { id: other } = await another('Other');
        expect((await target.findMarked(calendar, 'restore-1', signal)).map((found) => found.id)).toEqual([id]);
        expect(await target.findMarked(other, 'restore-1', signal)).toEqual([]);
      });
    });

    describe('twins', () => {
      test('are the events of the calendar with the same subject and start, series among them', async () => {
        const ids = [await create(), await create(SERIES)];
        await create({ subject: 'Another' });
        await create({ start: time('2026-03-02T10:01') });
        await create({}, {}, (await another('Other')).id);
        expect(await twins()).toEqual(ids.sort());
        expect(await twins({ start: time('2026-03-02T09:00', 'UTC') })).toEqual(ids.sort());
        expect(await twins({ start: null })).toEqual([]);
      });

      test.each(['W. Europe Standard Time', 'India Standard Time', 'Pacific Standard Time', 'UTC'])(
        'of a whole day in the zone %s are those of the same date',
        async (zone) => {
          const day = (date: string) => time(`${date}T00:00`, zone);
          const whole = { isAllDay: true, start: day('2026-03-02'), end: day('2026-03-03') };
          const id = await create(whole);
          await create({ ...whole, start: day('2026-03-01') });
          await create({ ...whole, start: day('2026-03-03'), end: day('2026-03-04') });
          expect(await twins({ isAllDay: true, start: day('2026-03-02') })).toEqual([id]);
          expect(await twins({ isAllDay: true, start: day('2026-03-09'), id })).toEqual([id]);
        },
      );

      test('and the one with the id, if it still lies there', async () => {
        const id = await create({ subject: 'Moved', start: time('2026-03-03T10:00'), end: time('2026-03-03T11:00') });
        const other = await create({ subject: 'Moved' }, {}, (await another('Other')).id);
        expect(await twins({ id })).toEqual([id]);
        expect(await twins({ id: other })).toEqual([]);
      });
    });

    test('removing takes one event and no other, silently, and may be repeated', async () => {
      const [kept, gone] = [await create(), await create(SERIES)];
      await target.remove(gone, signal);
      await target.remove(gone, signal);
      expect(await twins()).toEqual([kept]);
      expect(await scene.sent()).toBe(0);
    });

    test('nothing is made any more once the work is stopped, and the reason comes back', async () => {
      const work = new AbortController();
      const reason = new Failure('lease-lost', { code: 'lease.lost', message: 'Taken.', retry: 'never' });
      work.abort(reason);
      const event = { fields: MEETING, transactionId: 't', mark: MARK };
      expect(await failureOf(target.create(calendar, event, work.signal))).toBe(reason);
      expect(await twins()).toEqual([]);
    });
  });
}

const ZONE = 'W. Europe Standard Time';
const MARK = { restoreId: 'restore-1', itemId: 'item/1', complete: false };
const MARCH: TimeRange = { from: '2026-03-01T00:00:00.000Z', to: '2026-03-31T00:00:00.000Z' };
const MONDAYS = ['2026-03-02', '2026-03-09', '2026-03-16', '2026-03-23'];

function time(local: string, timeZone = ZONE) {
  return { dateTime: `${local}:00.0000000`, timeZone };
}

const MEETING: EventFields = {
  subject: 'Review',
  body: { contentType: 'html', content: '<p>Grüße</p>' },
  start: time('2026-03-02T10:00'),
  end: time('2026-03-02T11:00'),
  isAllDay: false,
  location: { displayName: 'Room 1' },
  categories: ['Blue', 'Red'],
  importance: 'normal',
  sensitivity: 'normal',
  showAs: 'busy',
  isReminderOn: false,
  reminderMinutesBeforeStart: 0,
};

const SERIES: EventFields = {
  recurrence: {
    pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'], firstDayOfWeek: 'monday' },
    range: { type: 'numbered', startDate: '2026-03-02', numberOfOccurrences: 4, recurrenceTimeZone: ZONE },
  },
};

function file(name: string): Extract<AttachmentToCreate, { kind: 'file' }> {
  return {
    kind: 'file',
    name,
    contentType: 'application/octet-stream',
    contentId: '',
    isInline: false,
    content: Buffer.from(name),
  };
}
