import type { CalendarTarget } from '@backhaul/engine';
import { failureOf } from '@backhaul/engine/testing';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { calendarTarget } from '../src/index.ts';
import { ok, refuse, scriptedGraph } from './scripted-graph.ts';

// What is sent word by word, and what the service does now and then; that a restored event is what it was is tested against
// the simulator.

const USER = 'user-1';
const { signal } = new AbortController();
const graphs = scriptedGraph();
let target: CalendarTarget;

beforeEach(() => {
  target = calendarTarget(graphs.open(), USER);
});

const sentBody = (index = 0) =>
  JSON.parse(graphs.server.arrivals[index]?.body.toString() ?? '') as Record<string, unknown>;
const query = (index = 0) => new URL(`${graphs.server.root}${graphs.server.arrivals[index]?.url}`).searchParams;

const mark = { restoreId: 'r-1', itemId: 'AAkA/1', complete: false };
const start = { dateTime: '2026-03-02T10:00:00.0000000', timeZone: 'W. Europe Standard Time' };

describe('calendars', () => {
  test('of others are left out, those that the service fills are read-only', async () => {
    const own = { address: 'Ada@x.example' };
    graphs.server.answer = ok({
      value: [
        { id: 'b', name: 'Birthdays', canEdit: false, owner: { address: 'ada@x.example' } },
        { id: 'c', name: 'Calendar', isDefaultCalendar: true, canEdit: true, owner: own },
        { id: 't', name: 'Team', canEdit: true, owner: { address: 'team@x.example' } },
        { id: 'n', name: 'Nobody’s', canEdit: true },
      ],
    });
    expect(await target.folders(signal)).toMatchObject([
      { id: 'b', name: 'Birthdays', wellKnownName: null, isReadOnly: true },
      { id: 'c', parentId: '', name: 'Calendar', wellKnownName: 'calendar', hidden: false },
      { id: 'n' },
    ]);
    expect((await target.folders(signal))[1]).not.toHaveProperty('isReadOnly');
  });
});

describe('an event to create', () => {
  const event = { fields: { subject: 's', start }, transactionId: 't-1', mark };

  test('is its fields, its transaction and its mark, and names nobody', async () => {
    graphs.server.answer = (arrival) => arrival.reply(201, { id: 'new' });
    expect(await target.create('c', event, signal)).toEqual({ id: 'new' });
    expect(graphs.server.arrivals[0]).toMatchObject({
      method: 'POST',
      url: `/v1.0/users/${USER}/calendars/c/events`,
    });
    const { singleValueExtendedProperties: properties, ...rest } = sentBody();
    expect(rest).toEqual({ subject: 's', start, transactionId: 't-1' });
    expect((properties as { value: string }[]).map(({ value }) => value)).toEqual(['r-1', 'partial/AAkA/1']);
  });

  test('whose answer is lost is not created again', async () => {
    graphs.server.answer = (arrival) => arrival.response.destroy();
    expect((await failureOf(target.create('c', event, signal))).kind).toBe('unavailable');
    expect(graphs.server.arrivals).toHaveLength(1);
  });

  test('that the service has made before is a conflict', async () => {
    graphs.server.answer = refuse(409, 'ErrorDuplicateTransactionId');
    expect((await failureOf(target.create('c', event, signal))).kind).toBe('conflict');
  });
});

describe('occurrences', () => {
  const within = { from: '2026-03-01T00:00:00.000Z', to: '2026-03-04T00:00:00.000Z' };

  test('are asked for in their zone, and in UTC where the service does not know it', async () => {
    graphs.answerInTurn(
      refuse(400, 'TimeZoneNotSupportedException'),
      ok({
        value: [
          { id: 'o', type: 'occurrence', start },
          { id: 'x', type: 'exception', start, originalStart: '2026-03-02T09:00:00Z' },
        ],
      }),
    );
    expect(await target.occurrences('s', within, 'tzone://Microsoft/Custom', signal)).toEqual([
      { id: 'o', isException: false, start, originalStart: null },
      { id: 'x', isException: true, start, originalStart: '2026-03-02T09:00:00Z' },
    ]);
    const [first, second] = graphs.server.arrivals;
    expect(first?.url).toContain(`/users/${USER}/events/s/instances?`);
    expect([query().get('startDateTime'), query().get('endDateTime')]).toEqual([within.from, within.to]);
    expect(first?.headers['prefer']).toContain('outlook.timezone="tzone://Microsoft/Custom"');
    expect(second?.headers['prefer']).toContain('outlook.timezone="UTC"');
  });

  test('become exceptions under the id that the service gives them', async () => {
    graphs.server.answer = ok({ id: 'another' });
    expect(await target.changeOccurrence('o', { subject: 's' }, signal)).toEqual({ id: 'another' });
    expect(graphs.server.arrivals[0]).toMatchObject({ method: 'PATCH', url: `/v1.0/users/${USER}/events/o` });
    expect(sentBody()).toEqual({ subject: 's' });
  });

  test('that are cancelled already need not be cancelled', async () => {
    graphs.server.answer = refuse(404, 'ErrorItemNotFound');
    await target.cancelOccurrence('o', signal);
    expect(graphs.server.arrivals[0]).toMatchObject({ method: 'DELETE', url: `/v1.0/users/${USER}/events/o` });
  });
});

describe('twins', () => {
  const of = { subject: "It's", start, isAllDay: false, id: null };

  test('are those that start at the instant, whatever zone it is told in', async () => {
    const utc = { dateTime: '2026-03-02T09:00:00.0000000', timeZone: 'UTC' };
    const later = { dateTime: '2026-03-02T09:00:30.0000000', timeZone: 'UTC' };
    graphs.server.answer = ok({
      value: [
        { id: 'a', subject: "It's", start: utc },
        { id: 'b', subject: 'Other', start: utc },
        { id: 'c', subject: "It's", start: later },
      ],
    });
    expect((await target.findTwins('c', of, signal)).map(({ id }) => id)).toEqual(['a']);
    expect(query().get('$filter')).toBe(
      "start/dateTime ge '2026-03-02T09:00:00Z' and start/dateTime le '2026-03-02T09:00:00Z'",
    );
  });

  test('include the original, moved to another time, only where it still lies in the calendar', async () => {
    const moved = { id: 'o', subject: 'Renamed', start: { dateTime: '2026-04-01T08:00:00', timeZone: 'UTC' } };
    graphs.answerInTurn(ok({ value: [] }), ok(moved), ok({ value: [moved, { ...moved, id: 'p' }] }));
    expect((await target.findTwins('c', { ...of, id: 'o' }, signal)).map(({ id }) => id)).toEqual(['o']);
    graphs.answerInTurn(ok({ value: [] }), ok(moved), ok({ value: [] }));
    expect(await target.findTwins('c', { ...of, id: 'o' }, signal)).toEqual([]);
    graphs.answerInTurn(ok({ value: [] }), refuse(404, 'ErrorItemNotFound'));
    expect(await target.findTwins('c', { ...of, id: 'o' }, signal)).toEqual([]);
  });
});
