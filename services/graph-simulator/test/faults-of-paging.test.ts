import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { FaultEffect, FaultMatch } from '@backhaul/graph-simulator';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({ mailboxes: 1, messages: 60, bytes: 60 * 500, contacts: 30, events: 30, seed: 2 });
const headers = { prefer: 'odata.maxpagesize=4' };
let base = '';

beforeAll(async () => {
  base = `/users/${(await bench.simulator.control.users())[0]!.id}`;
});

afterEach(() => bench.simulator.control.clearFaults());

const order = (effect: FaultEffect, match: FaultMatch = {}): Promise<{ id: string }> =>
  bench.simulator.control.addFault({ match, effect });

const ids = (entries: { id: string }[]): string[] => entries.map(({ id }) => id);

/** Every change tracking of a mailbox, with entries for at least three pages of four. */
const TRACKED = [
  'mailFolders/inbox/messages/delta?$select=id',
  'mailFolders/delta',
  'contacts/delta?$select=id',
  'calendarView/delta?startDateTime=2024-01-01&endDateTime=2026-07-01',
];

describe.each(TRACKED)('%s', (path) => {
  const first = (): string => `${base}/${path}`;

  test.each(['same-link', 'new-link'] as const)('goes round for ever with the identical page (%s)', async (variant) => {
    const page = await bench.graph.call(first(), { headers });
    await order({ kind: 'endless-next-link', variant }, { pathRegex: '/delta' });
    const links: string[] = [];
    for (let at = 0, link = first(); at < 6; at++) {
      const { json } = await bench.graph.call(link, { headers });
      expect(ids(json.value)).toEqual(ids(page.json.value));
      expect(json).not.toHaveProperty(['@odata.deltaLink']);
      links.push((link = json['@odata.nextLink']));
    }
    expect(new Set(links).size).toBe(variant === 'same-link' ? 1 : 6);
  });

  test('every page comes twice, and the walk still ends', async () => {
    const plain = await bench.graph.all(first(), { headers });
    await order({ kind: 'repeated-page' }, { pathRegex: '/delta' });
    const repeated = await bench.graph.all(first(), { headers });
    expect(repeated.pages).toBe(2 * plain.pages);
    expect(new Set(ids(repeated.value))).toEqual(new Set(ids(plain.value)));
    expect(repeated.value).toHaveLength(2 * plain.value.length);
    expect(repeated.last['@odata.deltaLink']).toBeDefined();
  });

  test('an empty page is followed by the true one', async () => {
    const plain = await bench.graph.all(first(), { headers });
    await order({ kind: 'empty-page' }, { pathRegex: '/delta', nth: 2 });
    const walked = await bench.graph.all(first(), { headers });
    expect([walked.pages, ids(walked.value)]).toEqual([plain.pages + 1, ids(plain.value)]);
  });

  test.each([1, 2, 3])('the sync state is lost at page %d', async (nth) => {
    await order({ kind: 'status', status: 410 }, { pathRegex: '/delta', nth });
    let link = first();
    for (let page = 1; page < nth; page++) link = (await bench.graph.call(link, { headers })).json['@odata.nextLink'];
    const { status, json } = await bench.graph.call(link, { headers });
    expect([status, json.error.code]).toEqual([410, 'SyncStateNotFound']);
    expect((await bench.graph.call(link, { headers })).status).toBe(200);
  });

  test.each<[status: number, code: string, message: string]>([
    [404, 'ErrorSyncFolderNotFound', 'The specified folder could not be found in the store.'],
    [404, 'SyncStateNotFound', 'The sync state generation is not found.'],
    [400, 'SyncStateInvalid', 'Badly formed token.'],
    [400, 'ErrorInvalidRequest', "Parameter 'DeltaToken' not supported for this request."],
  ])('%d %s in the service’s own words', async (status, code, message) => {
    await order({ kind: 'status', status, code, message }, { pathRegex: '/delta', times: 1 });
    const answer = await bench.graph.call(first(), { headers });
    expect([answer.status, answer.json.error.code, answer.json.error.message]).toEqual([status, code, message]);
  });

  test('pages above a size time out, smaller ones come', async () => {
    await order({ kind: 'status', status: 504, body: 'empty' }, { pathRegex: '/delta', pageSizeOver: 10 });
    const large = await bench.graph.call(first(), { headers: { prefer: 'odata.maxpagesize=11' } });
    const small = await bench.graph.call(first(), { headers: { prefer: 'odata.maxpagesize=10' } });
    expect([large.status, large.bytes.length, small.status]).toEqual([504, 0, 200]);
  });
});

test('pages above a size can be told by $top too', async () => {
  await order({ kind: 'status', status: 504 }, { pageSizeOver: 100 });
  expect((await bench.graph.call(`${base}/contacts?$top=101`)).status).toBe(504);
  expect((await bench.graph.call(`${base}/contacts?$top=100`)).status).toBe(200);
});

test('a raw control character breaks strict parsers; without it the page is the true one', async () => {
  const path = `${base}/contacts?$top=3`;
  const plain = await bench.graph.call(path);
  await order({ kind: 'raw-control-character' }, { times: 1 });
  const broken = await bench.graph.call(path);
  expect([broken.status, broken.json]).toEqual([200, undefined]);
  expect(broken.bytes.includes(1)).toBe(true);
  const repaired = JSON.parse(broken.bytes.toString().replace('\u0001', '')) as { value: unknown };
  expect(repaired.value).toEqual(plain.json.value);
});
