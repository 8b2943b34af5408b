import { describe, expect, test } from '@jest/globals';
import { aFile, aFolder, aMessage, MemoryPoint } from '../testing/index.ts';
import { exported, manifestOf, pathsOf } from './export-scene.ts';

const HOSTILE = [
  '../../etc/passwd',
  '..\\..\\evil.exe',
  '/etc/cron.d/x',
  'C:\\Windows\\x.dll',
  'CON',
  'nul.txt',
  'trailing. ',
  'turned\u202etxt.exe',
  'new\r\nline',
  'x'.repeat(300),
  '😀'.repeat(100),
  '',
  '.',
  '..',
  'manifest.json',
];

describe('names that want to leave the export', () => {
  test('are names within their folder, and each item is there with its content', async () => {
    const point = new MemoryPoint(
      [aFolder('files', 'root', '../..'), aFolder('mail', 'inbox', '/'), aFolder('mail', 'evil', '..', 'inbox')],
      [
        ...HOSTILE.map((name, index) => aFile(`f${index}`, name, Buffer.from(`content ${index}`))),
        ...HOSTILE.map((subject, index) => aMessage(`m${index}`, { folder: 'evil', subject })),
      ],
    );
    const files = await exported(point);
    const paths = pathsOf(files);
    expect(paths).toHaveLength(HOSTILE.length * 2);
    for (const path of paths) {
      expect(path).toMatch(/^(Files\/[^/]+|Mail\/_\/unnamed\/[^/]+)$/);
      expect(path).not.toMatch(/[\\:\p{Cc}\u202e]/u);
    }
    for (const { id, file } of manifestOf(files).items.filter(({ kind }: { kind: string }) => kind === 'file')) {
      expect(String(files.get(file.path))).toBe(`content ${id.slice(1)}`);
    }
  });

  test('that differ in case only are different names', async () => {
    const names = ['Plan.txt', 'plan.txt', 'PLAN.TXT', 'Zoë.txt', 'Zoe\u0308.txt'];
    const point = new MemoryPoint(
      [aFolder('files', 'root'), aFolder('files', 'a', 'Plan.txt', 'root')],
      names.map((name, index) => aFile(`f${index}`, name, Buffer.from(String(index)))),
    );
    const files = await exported(point);
    expect(pathsOf(files)).toEqual([
      'Files/PLAN (4).TXT',
      'Files/Plan (2).txt',
      'Files/Zoë (2).txt',
      'Files/Zoë.txt',
      'Files/plan (3).txt',
    ]);
  });

  test('are the same ones in each export of the point', async () => {
    const make = () =>
      new MemoryPoint(
        [aFolder('mail', 'inbox', 'Inbox')],
        Array.from({ length: 600 }, (_, index) => aMessage(`m${String(index).padStart(4, '0')}`, { subject: 'Same' })),
      );
    const placesOf = async () =>
      manifestOf(await exported(make())).items.map(
        ({ id, file }: { id: string; file: { path: string } }) => `${id} ${file.path}`,
      );
    const first = await placesOf();
    expect(first).toContain('m0000 Mail/Inbox/2026-01-02 Same.eml');
    expect(first).toContain('m0599 Mail/Inbox/2026-01-02 Same (600).eml');
    expect(await placesOf()).toEqual(first);
  });
});

test('folders nested deeper than paths can be long begin anew, and the manifest tells where they belong', async () => {
  const folders = Array.from({ length: 60 }, (_, index) =>
    aFolder('mail', `f${index}`, `Level ${index} ${'x'.repeat(30)}`, index === 0 ? '' : `f${index - 1}`),
  );
  const files = await exported(new MemoryPoint(folders, [aMessage('m1', { folder: 'f59', subject: 'y'.repeat(400) })]));
  const [path = ''] = pathsOf(files);
  expect(Buffer.byteLength(path)).toBeLessThan(1_000);
  expect(manifestOf(files).items[0].folder).toHaveLength(60);
  expect(files.has(path)).toBe(true);
});

test('folders in a circle are exported all the same', async () => {
  const point = new MemoryPoint(
    [aFolder('mail', 'a', 'A', 'b'), aFolder('mail', 'b', 'B', 'a')],
    [aMessage('m1', { folder: 'a' }), aMessage('m2', { folder: 'b' })],
  );
  expect(pathsOf(await exported(point))).toHaveLength(2);
});
