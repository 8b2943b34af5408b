import { describe, expect, test } from '@jest/globals';
import { aContact, aFile, aFolder, aMessage, anEvent, MemoryPoint } from '@backhaul/export/testing';
import { matcher, searchPoint, type Search } from '../../src/points/search-point.ts';

const ANY: Search = { text: null, person: null, kind: null, folderId: null, since: null, until: null };

const POINT = new MemoryPoint(
  [
    aFolder('mail', 'inbox', 'Inbox'),
    aFolder('mail', 'below', 'Below', 'inbox'),
    aFolder('contacts', 'contacts'),
    aFolder('calendar', 'calendar'),
    aFolder('files', 'root'),
  ],
  [
    aMessage('m1', { subject: 'Übersicht der STRASSEN' }),
    aMessage('m2', { folder: 'below', subject: 'Plan' }),
    aContact('c1', 'Zoë Ångström'),
    anEvent('e1', 'Plan review'),
    aFile('f1', 'Plan.docx', Buffer.from('x')),
  ],
);

async function all(search: Partial<Search>, limit = 50, lookAt = 20_000): Promise<string[]> {
  const ids: string[] = [];
  let after = null;
  do {
    const { found, next } = await searchPoint(POINT, { ...ANY, ...search }, after, { limit, lookAt });
    ids.push(...found.map(({ item }) => item.id));
    after = next;
  } while (after !== null);
  return ids.sort();
}

describe('a search', () => {
  test.each<[string, Partial<Search>, string[]]>([
    ['for nothing finds everything', {}, ['c1', 'e1', 'f1', 'm1', 'm2']],
    ['by text finds subjects and names', { text: 'plan' }, ['e1', 'f1', 'm2']],
    ['does not care for case and accents', { text: 'ubersicht' }, ['m1']],
    ['does not care for accents that are searched', { text: 'ZÖE ANGSTROM' }, ['c1']],
    ['by person finds senders', { person: 'ADA@example' }, ['m1', 'm2']],
    ['by person finds contacts', { person: 'zoe' }, ['c1']],
    ['by kind', { kind: 'event' }, ['e1']],
    ['in a folder with what is below it', { folderId: 'inbox' }, ['m1', 'm2']],
    ['in a folder below', { folderId: 'below', text: 'plan' }, ['m2']],
    ['from a day on', { since: '2026-01-01T00:00:00Z' }, ['e1', 'm1', 'm2']],
    ['until a moment, which does not count', { until: '2026-01-02T03:04:05Z' }, ['f1']],
    ['from a moment, which counts', { since: '2026-01-02T03:04:05Z', until: '2026-01-03T00:00:00Z' }, ['m1', 'm2']],
    ['for all of it together', { text: 'plan', kind: 'file', since: '2025-06-07T00:00:00Z' }, ['f1']],
    ['for what is not there', { text: 'nowhere' }, []],
  ])('%s', async (_, search, expected) => {
    expect(await all(search)).toEqual(expected);
  });

  test('finds the same in pages of any length, however little a request looks at', async () => {
    for (const limit of [1, 2, 3]) {
      for (const lookAt of [1, 2, 100]) expect(await all({ text: 'plan' }, limit, lookAt)).toEqual(['e1', 'f1', 'm2']);
    }
  });

  test('stops where it may look no further, and says where to go on', async () => {
    const { found, next } = await searchPoint(POINT, { ...ANY, text: 'übersicht' }, null, { limit: 10, lookAt: 1 });
    expect([found.length, next]).toEqual([0, { folderId: 'below', itemId: 'm2' }]);
  });

  test('in a folder that is not there is refused', async () => {
    await expect(searchPoint(POINT, { ...ANY, folderId: 'x' }, null, { limit: 1 })).rejects.toMatchObject({
      code: 'folder.not-found',
    });
  });
});

test('what has no time is not found by time', async () => {
  for await (const contact of POINT.items('contacts')) {
    expect(matcher({ ...ANY, since: '1970-01-01T00:00:00Z' })(contact)).toBe(false);
    expect(matcher(ANY)(contact)).toBe(true);
  }
});
