import { describe, expect, test } from '@jest/globals';
import { apiForTests, inventoryForTests } from '../../testing/fixtures/api.ts';
import { listsOfRows, type ListOfRows } from '../../testing/many-rows.ts';

const api = apiForTests();
const inventory = inventoryForTests(api);

const IDS = ['listJobs', 'listRuns', 'listTasks', 'listInventory', 'listPoints'];
const SMALL_IDS = ['listTokens', 'listTenants', 'listRepositories', 'listTransporters'];

let lists: Record<string, ListOfRows> | null = null;
/** The lists over one inventory: made once, when the API is there. */
const listOf = (id: string): ListOfRows => {
  lists ??= listsOfRows(api.database, inventory);
  const list = lists[id];
  if (list === undefined) throw new Error(`No rows are known for ${id}.`);
  return list;
};

interface Page {
  status: number;
  body: { items: { id: string }[]; nextCursor: string | null; errors: { pointer: string; code: string }[] };
}

const page = (path: string, query: string): Promise<Page> =>
  api.call('GET', `${path}${path.includes('?') ? '&' : '?'}${query}`);

/** All ids of a list from its first page to its last. @param meanwhile called before each page. */
async function walk(path: string, limit: number, meanwhile: () => Promise<unknown> = async () => null) {
  const ids: string[] = [];
  for (let query: string | null = `limit=${limit}`; query !== null;) {
    const [{ body }]: [Page, unknown] = await Promise.all([page(path, query), meanwhile()]);
    expect(body.items.length).toBeLessThanOrEqual(limit);
    ids.push(...body.items.map(({ id }) => id));
    query = body.nextCursor === null ? null : `limit=${limit}&cursor=${encodeURIComponent(body.nextCursor)}`;
  }
  return ids;
}

async function expectWhole(list: ListOfRows, size: { before: number; meanwhile: number; limit: number }) {
  const before = await list.add(size.before);
  const pages = Math.ceil(size.before / size.limit);
  let left = size.meanwhile;
  const walked = await walk(list.path, size.limit, async () => {
    const count = Math.min(left, Math.ceil(size.meanwhile / pages));
    left -= count;
    if (count > 0) await list.add(count);
  });
  expect(left).toBe(0);
  const seen = new Set(walked);
  expect({ repeated: walked.length - seen.size, missed: before.filter((id) => !seen.has(id)).length }).toEqual({
    repeated: 0,
    missed: 0,
  });
}

describe('a list that others add to meanwhile', () => {
  test('of 10,000 jobs is walked without a repetition and without a gap, while 1,000 come in', async () => {
    await expectWhole(listOf('listJobs'), { before: 10_000, meanwhile: 1_000, limit: 200 });
  }, 60_000);

  test.each([...IDS.slice(1), ...SMALL_IDS])('is walked whole: %s', async (id) => {
    await expectWhole(listOf(id), { before: 600, meanwhile: 100, limit: 50 });
  });
});

describe('a cursor', () => {
  test.each([...IDS, ...SMALL_IDS])('of another list, or one that was tampered with, is refused by %s', async (id) => {
    const list = listOf(id);
    const { path } = list;
    await list.add(2);
    const own = (await page(path, 'limit=1')).body.nextCursor ?? '';
    const other = listOf(id === 'listTokens' ? 'listTenants' : 'listTokens');
    await other.add(2);
    const foreign = (await page(other.path, 'limit=1')).body.nextCursor ?? '';
    const flipped = `${own.slice(0, 30)}${own[30] === 'A' ? 'B' : 'A'}${own.slice(31)}`;
    for (const cursor of [
      foreign,
      flipped,
      `${own}A`,
      own.slice(0, -3),
      `${own.slice(0, 10)}!${own.slice(10)}`,
      '',
      'x',
    ]) {
      const { status, body } = await page(path, `limit=1&cursor=${encodeURIComponent(cursor)}`);
      expect([status, body.errors?.map(({ pointer, code }) => [pointer, code])]).toEqual([
        422,
        [['?cursor', 'cursor-invalid']],
      ]);
    }
    expect((await page(path, `limit=1&cursor=${encodeURIComponent(own)}`)).status).toBe(200);
  });

  test('belongs to its filters', async () => {
    const list = listOf('listInventory');
    const { path } = list;
    await list.add(2);
    const { body } = await page(path, 'limit=1');
    const others = await page(path.replace('kind=site', 'kind=mailbox'), `limit=1&cursor=${body.nextCursor}`);
    expect([others.status, others.body.errors[0]?.code]).toEqual([422, 'cursor-invalid']);
  });
});

describe('a page', () => {
  test.each([...IDS, ...SMALL_IDS])('has at most 200 entries: %s', async (id) => {
    const { path } = listOf(id);
    for (const limit of ['0', '201', '-1', '1.5', 'x']) {
      const { status, body } = await page(path, `limit=${limit}`);
      expect([status, body.errors[0]?.pointer]).toEqual([422, '?limit']);
    }
    expect((await page(path, 'limit=200')).status).toBe(200);
  });
});
