import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Recurrence } from '../src/calendar-source.ts';
import { utcTime } from '../src/zoned-time.ts';
import { fileAttachment } from './builders.ts';
import { failureOf } from './failure-of.ts';
import { follow, listed } from './followed.ts';
import { itemSourceSuite } from './item-source.suite.ts';
import type { CalendarUnderTest, GivenEvent } from './items-under-test.ts';

const { signal } = new AbortController();
const ZONE = 'W. Europe Standard Time';

/** An event of an hour on a day in spring; `from` says when its series begins. */
function event(properties: Partial<GivenEvent['properties']> = {}, date = '2026-12-07'): GivenEvent['properties'] {
  const at = (hour: string) => ({ dateTime: `${date}T${hour}:00:00.0000000`, timeZone: ZONE });
  return { subject: 'Team', start: at('10'), end: at('11'), ...properties };
}

/** Mondays without end. */
function weekly(from = '2026-12-07'): Recurrence {
  return {
    pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'], firstDayOfWeek: 'sunday' },
    range: { type: 'noEnd', startDate: from, recurrenceTimeZone: ZONE },
  };
}

/** What every implementation of {@link CalendarSource} promises. */
export function calendarSourceSuite(name: string, open: () => Promise<CalendarUnderTest>): void {
  itemSourceSuite(`of events ${name}`, open);

  describe(`calendar source ${name}`, () => {
    let there: CalendarUnderTest;
    let calendar: string;

    beforeEach(async () => {
      there = await open();
      const folders = await there.source.folders(signal);
      calendar = folders.find(({ wellKnownName }) => wellKnownName === 'calendar')?.id ?? '';
    });
    afterEach(() => there.close());

    test('gives an event whole, its times in the zone it was made in', async () => {
      const body = { contentType: 'html', content: '<p>Grüße</p>' };
      const id = await there.addEvent(calendar, {
        properties: event({ subject: 'Größe', body, location: { displayName: 'Room 1' } }),
      });
      const { properties, exceptions, attachments } = await there.source.event(id, ZONE, signal);
      expect(properties).toMatchObject({ id, subject: 'Größe', type: 'singleInstance', originalStartTimeZone: ZONE });
      expect(properties.start).toMatchObject({ timeZone: ZONE });
      expect(properties.start?.dateTime).toMatch(/^2026-12-07T10:00:00/);
      expect(properties.body?.content).toContain('Grüße');
      expect(properties.location?.displayName).toBe('Room 1');
      expect([exceptions, attachments]).toEqual([[], []]);
    });

    test('names in its list what an event is, when, and where it was made', async () => {
      const single = await there.addEvent(calendar, { properties: event() });
      const series = await there.addEvent(calendar, { properties: event({ recurrence: weekly() }) });
      const events = new Map<string, unknown[]>();
      for await (const page of there.source.list(calendar, signal)) {
        for (const { id, type, originalStartTimeZone, start } of page) {
          events.set(id, [type, originalStartTimeZone, utcTime(start)?.toISOString()]);
        }
      }
      expect(events).toEqual(
        new Map([
          [single, ['singleInstance', ZONE, '2026-12-07T09:00:00.000Z']],
          [series, ['seriesMaster', ZONE, '2026-12-07T09:00:00.000Z']],
        ]),
      );
    });

    test('gives every byte of what is attached', async () => {
      const attachments = [
        fileAttachment({ name: 'Übersicht.pdf', contentType: 'application/pdf', content: Buffer.from([0, 255, 10]) }),
        fileAttachment({ name: 'page.html', contentType: 'text/html', content: Buffer.from('<p>attached</p>') }),
      ];
      const id = await there.addEvent(calendar, { properties: event(), attachments });
      const whole = await there.source.event(id, ZONE, signal);
      const plain = whole.attachments.map(({ name: file, kind, contentType, content }) => [
        file,
        kind,
        contentType,
        Buffer.from(content).toString('hex'),
      ]);
      expect(plain.sort()).toEqual(
        attachments
          .map((one) => [one.name, one.kind, one.contentType, Buffer.from(one.content).toString('hex')])
          .sort(),
      );
      expect(whole.properties.hasAttachments).toBe(true);
    });

    test('names a series of which an occurrence was changed or cancelled, and gives it with that', async () => {
      const [changed, cancelled, left] = [
        await there.addEvent(calendar, { properties: event({ recurrence: weekly() }) }),
        await there.addEvent(calendar, { properties: event({ recurrence: weekly() }) }),
        await there.addEvent(calendar, { properties: event({ recurrence: weekly() }) }),
      ];
      const before = await follow(there.source, calendar);
      await there.changeOccurrence(changed, '2026-12-14', 'This time elsewhere');
      await there.cancelOccurrence(cancelled, '2026-12-21');
      const after = await follow(there.source, calendar, before);
      const isNamed = (id: string) => after.touched.has(id) || after.items.get(id) !== before.items.get(id);
      expect([isNamed(changed), isNamed(cancelled), isNamed(left)]).toEqual([true, true, false]);
      expect(after.items.size).toBe(3);

      const { exceptions } = await there.source.event(changed, ZONE, signal);
      expect(exceptions.map(({ properties }) => properties.subject)).toEqual(['This time elsewhere']);
      expect(Date.parse(exceptions[0]?.originalStart ?? '')).toBe(Date.parse('2026-12-14T09:00:00Z'));
      const { properties } = await there.source.event(cancelled, ZONE, signal);
      expect(properties.cancelledOccurrences?.map((id) => id?.slice(-10))).toEqual(['2026-12-21']);
    });

    test('follows events that lie far from today as well as others', async () => {
      const [past, future] = [
        await there.addEvent(calendar, { properties: event({}, '2009-03-02') }),
        await there.addEvent(calendar, { properties: event({}, '2041-03-04') }),
      ];
      const before = await follow(there.source, calendar);
      expect([...before.items.keys()].sort()).toEqual([past, future].sort());
      await there.changeItem(past);
      await there.changeItem(future);
      const after = await follow(there.source, calendar, before);
      expect([...after.items.keys()].sort()).toEqual([past, future].sort());
      for (const id of [past, future]) expect(after.items.get(id)).not.toBe(before.items.get(id));
      expect(after.items).toEqual(await listed(there.source, calendar));
    });

    test('finds no event that is gone', async () => {
      const id = await there.addEvent(calendar, { properties: event() });
      await there.removeItem(id);
      expect(await failureOf(there.source.event(id, ZONE, signal))).toMatchObject({ kind: 'not-found' });
    });
  });
}
