import { describe, expect, test } from '@jest/globals';
import { aContact, aFile, aFolder, aMessage, MemoryPoint, type MemoryItem } from '@backhaul/export/testing';
import fc from 'fast-check';
import { comparePoints, RecentComparisons, type Change } from '../../src/points/compare-points.ts';

const FOLDERS = [
  aFolder('mail', 'inbox'),
  aFolder('mail', 'other'),
  aFolder('contacts', 'contacts'),
  aFolder('files', 'root'),
];

const text = ({ type, entry, before, after }: Change) =>
  [type, entry, before && `${before.containerId}/${before.id}`, after && `${after.containerId}/${after.id}`].join(' ');

async function changesBetween(before: MemoryItem[], after: MemoryItem[], folders = [FOLDERS, FOLDERS]) {
  const [older = [], newer = []] = folders;
  const { changes } = await comparePoints(new MemoryPoint(older, before), new MemoryPoint(newer, after));
  return changes.map(text);
}

describe('between two points', () => {
  test('nothing changed when nothing did', async () => {
    const items = [aMessage('m1'), aContact('c1', 'Ada'), aFile('f1', 'a', Buffer.from('x'))];
    expect(await changesBetween(items, items)).toEqual([]);
  });

  test('items are new, removed, changed and moved', async () => {
    const before = [
      aMessage('gone'),
      aMessage('same'),
      aMessage('subject', { subject: 'Old' }),
      aMessage('content', { mime: Buffer.from('old') }),
      aMessage('moved', { folder: 'inbox' }),
    ];
    const after = [
      aMessage('same'),
      aMessage('subject', { subject: 'New' }),
      aMessage('content', { mime: Buffer.from('new') }),
      aMessage('moved', { folder: 'other', subject: 'And renamed' }),
      aMessage('added'),
    ];
    expect(await changesBetween(before, after)).toEqual([
      'new item  inbox/added',
      'changed item inbox/content inbox/content',
      'removed item inbox/gone ',
      'changed item inbox/subject inbox/subject',
      'moved item inbox/moved other/moved',
    ]);
  });

  test('folders are new, removed, renamed and moved', async () => {
    const before = [
      aFolder('files', 'a', 'A'),
      aFolder('files', 'b', 'B'),
      aFolder('files', 'c', 'C'),
      aFolder('files', 'd', 'D'),
    ];
    const after = [
      aFolder('files', 'b', 'Renamed'),
      aFolder('files', 'c', 'C', 'b'),
      aFolder('files', 'd', 'D'),
      aFolder('files', 'e', 'E'),
    ];
    expect(await changesBetween([], [], [before, after])).toEqual([
      'removed folder /a ',
      'changed folder /b /b',
      'moved folder /c /c',
      'new folder  /e',
    ]);
  });

  test('the items of a removed folder are removed, those of a new one new', async () => {
    expect(
      await changesBetween(
        [aMessage('m1')],
        [aMessage('m2', { folder: 'other' })],
        [FOLDERS.slice(0, 1), FOLDERS.slice(1, 2)],
      ),
    ).toEqual(['removed folder /inbox ', 'new folder  /other', 'removed item inbox/m1 ', 'new item  other/m2']);
  });
});

test('whatever two points hold, their changes lead from one to the other', async () => {
  const place = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    folder: fc.constantFrom('inbox', 'other'),
    subject: fc.constantFrom('one', 'two'),
  });
  const points = fc.uniqueArray(place, { selector: ({ id }) => id, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(points, points, async (before, after) => {
      const items = (list: typeof before) => list.map(({ id, ...changes }) => aMessage(id, changes));
      const { changes } = await comparePoints(
        new MemoryPoint(FOLDERS, items(before)),
        new MemoryPoint(FOLDERS, items(after)),
      );
      const state = new Set(before.map(({ id, folder }) => `${folder}/${id}`));
      for (const change of changes) if (change.before) state.delete(`${change.before.containerId}/${change.before.id}`);
      for (const change of changes) if (change.after) state.add(`${change.after.containerId}/${change.after.id}`);
      expect(state).toEqual(new Set(after.map(({ id, folder }) => `${folder}/${id}`)));
      const touched = new Set(changes.map(({ before: old, after: current }) => (old ?? current)?.id));
      const differing = ['a', 'b', 'c', 'd', 'e'].filter((id) => {
        const [old, current] = [before, after].map((list) => list.find((one) => one.id === id));
        return JSON.stringify(old) !== JSON.stringify(current);
      });
      expect([...touched].sort()).toEqual(differing);
    }),
    { numRuns: 200 },
  );
});

test('comparisons are kept while they are used, the last few of them', async () => {
  const recent = new RecentComparisons(2);
  let made = 0;
  const get = (key: string) => recent.get(key, async () => ({ changes: [], made: (made += 1) }));
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await get(key);
  expect(made).toBe(4);
  await expect(recent.get('d', () => Promise.reject(new Error('damaged')))).rejects.toThrow('damaged');
  await expect(recent.get('d', async () => ({ changes: [] }))).resolves.toEqual({ changes: [] });
});
