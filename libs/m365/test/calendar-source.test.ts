import { FakeClock } from '@backhaul/domain/testing';
import type { ItemChanges, ListedEvent } from '@backhaul/engine';
import { describe, expect, test } from '@jest/globals';
import { calendarSource } from '../src/index.ts';
import { scriptedGraph } from './scripted-graph.ts';
import type { Arrival } from './scripted-server.ts';

const graphs = scriptedGraph();
const { signal } = new AbortController();

/** Answers each request by the first path (with query) that it begins with, below the user. */
function answerBy(answers: Record<string, (arrival: Arrival) => unknown>): void {
  graphs.server.answer = (arrival) => {
    const path = decodeURIComponent(arrival.url).replace('/v1.0/users/user-1', '');
    const [, answer] = Object.entries(answers).find(([start]) => path.startsWith(start)) ?? [];
    if (answer === undefined) arrival.reply(404, { error: { code: 'ErrorItemNotFound', message: path } });
    else arrival.reply(200, answer(arrival));
  };
}

const link = (name: string) => `${graphs.server.root}/v1.0/users/user-1/${name}`;
const source = (at = '2026-11-25T12:00:00Z') => calendarSource(graphs.open(), 'user-1', new FakeClock(at));

async function walk(cursor: string | null, at?: string): Promise<ItemChanges<ListedEvent>[]> {
  const pages: ItemChanges<ListedEvent>[] = [];
  for await (const page of source(at).changes('c', cursor, signal)) pages.push(page);
  return pages;
}

function asked(): string[] {
  return graphs.server.arrivals.map(({ url }) => decodeURIComponent(url).replace('/v1.0/users/user-1/', ''));
}

const LIST = '/calendars/c/events';
const VIEW = '/calendars/c/calendarView/delta';

describe('changes of a calendar', () => {
  test('begin with the whole view, for its link alone, and then list everything', async () => {
    answerBy({
      [VIEW]: () => ({ value: [{ id: 'o', type: 'occurrence', seriesMasterId: 's' }], '@odata.deltaLink': link('d1') }),
      [LIST]: () => ({ value: [{ id: 's', changeKey: 'k', type: 'seriesMaster', extra: 1 }] }),
    });
    const pages = await walk(null);
    expect(pages.flatMap(({ touched = [] }) => touched)).toEqual([]);
    expect(pages.flatMap(({ changed }) => changed)).toEqual([{ id: 's', changeKey: 'k', type: 'seriesMaster' }]);
    expect(pages.at(-1)).toMatchObject({ isWhole: true });
    expect(JSON.parse(pages.at(-1)?.cursor ?? '')).toEqual({
      link: link('d1'),
      from: '2025-11-25T00:00:00.000Z',
      to: '2028-11-25T00:00:00.000Z',
    });
    expect(asked()[0]).toContain('startDateTime=2025-11-25T00:00:00.000Z&endDateTime=2028-11-25T00:00:00.000Z');
  });

  test('name the series of changed occurrences and exceptions, and take no removal for a deletion', async () => {
    answerBy({
      '/d1': () => ({ value: [{ id: 'x', '@removed': { reason: 'deleted' } }], '@odata.nextLink': link('more') }),
      '/more': () => ({
        value: [
          { id: 'e', type: 'exception', seriesMasterId: 's1' },
          { id: 'o', type: 'occurrence', seriesMasterId: 's2' },
          { id: 's3', type: 'seriesMaster' },
          { id: 'i', type: 'singleInstance' },
        ],
        '@odata.deltaLink': link('d2'),
      }),
      [LIST]: () => ({ value: [{ id: 'x', changeKey: 'k' }] }),
    });
    const window = { from: '2025-11-25T00:00:00.000Z', to: '2028-11-25T00:00:00.000Z' };
    const pages = await walk(JSON.stringify({ link: link('d1'), ...window }));
    expect(pages.flatMap(({ touched = [] }) => touched)).toEqual(['s1', 's2', 's3']);
    expect(pages.flatMap(({ removed }) => removed)).toEqual([]);
    expect(JSON.parse(pages.at(-1)?.cursor ?? '')).toEqual({ link: link('d2'), ...window });
  });

  test('take what the old window tells along when another one is begun', async () => {
    answerBy({
      '/d1': () => ({ value: [{ id: 'e', type: 'exception', seriesMasterId: 's' }], '@odata.deltaLink': link('d2') }),
      [VIEW]: () => ({ value: [{ id: 'o', type: 'occurrence', seriesMasterId: 't' }], '@odata.deltaLink': link('w1') }),
      [LIST]: () => ({ value: [] }),
    });
    const old = { link: link('d1'), from: '2025-11-25T00:00:00.000Z', to: '2028-11-25T00:00:00.000Z' };
    const pages = await walk(JSON.stringify(old), '2028-01-02T00:00:00Z');
    expect(pages.flatMap(({ touched = [] }) => touched)).toEqual(['s']);
    expect(JSON.parse(pages.at(-1)?.cursor ?? '')).toEqual({
      link: link('w1'),
      from: '2027-01-02T00:00:00.000Z',
      to: '2030-01-02T00:00:00.000Z',
    });
  });

  test('ask for immutable ids with every request', async () => {
    answerBy({
      [VIEW]: () => ({ value: [], '@odata.deltaLink': link('d1') }),
      [LIST]: () => ({ value: [] }),
    });
    await walk(null);
    for (const { headers } of graphs.server.arrivals) expect(headers['prefer']).toContain('IdType="ImmutableId"');
    expect(graphs.server.arrivals).toHaveLength(2);
  });
});

describe('calendars', () => {
  test('of others, shared with the mailbox, are left out; those of the service are not', async () => {
    const owner = (address: string) => ({ owner: { name: 'x', address } });
    answerBy({
      '/calendars': () => ({
        value: [
          { id: 'own', name: 'Calendar', isDefaultCalendar: true, canEdit: true, ...owner('Ada@example.com') },
          { id: 'second', name: 'Projects', canEdit: true, ...owner('ada@example.com') },
          { id: 'birthdays', name: 'Birthdays', canEdit: false, ...owner('ada@example.com') },
          { id: 'shared', name: 'Grace', canEdit: false, ...owner('grace@example.com') },
        ],
      }),
    });
    const folders = await source().folders(signal);
    expect(folders.map(({ id, wellKnownName }) => [id, wellKnownName])).toEqual([
      ['own', 'calendar'],
      ['second', null],
      ['birthdays', null],
    ]);
  });
});

describe('an event', () => {
  const attachment = (id: string, more: object = {}) => ({
    '@odata.type': '#microsoft.graph.fileAttachment',
    id,
    name: id,
    contentType: 'text/plain',
    isInline: false,
    size: 10,
    ...more,
  });

  test('is given without an attachment that cannot be read or is too large, and says so', async () => {
    answerBy({
      '/events/e/attachments': () => ({
        value: [
          attachment('good'),
          attachment('corrupt'),
          attachment('huge', { size: 200 * 1024 * 1024 }),
          attachment('gone'),
          { ...attachment('link'), '@odata.type': '#microsoft.graph.referenceAttachment' },
        ],
      }),
      '/events/e': () => ({ id: 'e', changeKey: 'k', type: 'singleInstance', hasAttachments: true }),
    });
    const listed = graphs.server.answer;
    graphs.server.answer = (arrival) => {
      const id = /attachments\/([^/]+)\/\$value$/.exec(arrival.url)?.[1];
      if (id === undefined) listed(arrival);
      else if (id === 'good') arrival.reply(200, 'bytes', { 'content-type': 'application/octet-stream' });
      else if (id === 'gone') arrival.reply(404, { error: { code: 'ErrorItemNotFound', message: 'gone' } });
      else arrival.reply(500, { error: { code: 'ErrorCannotOpenFileAttachment', message: 'OLE conversion failed' } });
    };
    const { attachments } = await source().event('e', 'UTC', signal);
    expect(attachments.map(({ name, kind, content, unread }) => [name, kind, content.length, unread?.code])).toEqual([
      ['good', 'file', 5, undefined],
      ['corrupt', 'file', 0, 'graph.item-unreadable'],
      ['huge', 'file', 0, 'graph.attachment-too-large'],
      ['link', 'reference', 0, undefined],
    ]);
    expect(asked().some((path) => path.includes('huge'))).toBe(false);
  });

  test('is given in UTC where Microsoft does not know its zone', async () => {
    graphs.server.answer = (arrival) => {
      const zone = /outlook\.timezone="([^"]+)"/.exec(String(arrival.headers['prefer']))?.[1];
      if (zone === 'UTC') arrival.reply(200, { id: 'e', changeKey: 'k', start: { dateTime: 'x', timeZone: 'UTC' } });
      else arrival.reply(400, { error: { code: 'ErrorInvalidTimeZone', message: 'unknown zone' } });
    };
    const { properties } = await source().event('e', 'Customized Time Zone', signal);
    expect(properties.start?.timeZone).toBe('UTC');
  });
});
