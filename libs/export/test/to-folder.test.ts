import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { exportFiles, exportToFolder, type ExportedEntry } from '../src/index.ts';
import { aContact, aFile, aFolder, aMessage, MemoryPoint } from '../testing/index.ts';
import { ALL, exported } from './export-scene.ts';

const FOLDERS = [
  aFolder('mail', 'inbox', 'Inbox'),
  aFolder('files', 'root'),
  aFolder('contacts', 'contacts', 'Contacts'),
];

function makePoint(): MemoryPoint {
  return new MemoryPoint(FOLDERS, [
    aMessage('m1'),
    aMessage('m2'),
    aContact('c1', 'Ada'),
    aFile('f1', '../outside.txt', Buffer.alloc(5 * 1024 * 1024, 'inside')),
  ]);
}

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'backhaul-export-'));
  folder = join(parent, 'export');
  mkdirSync(folder);
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

function filesIn(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();
}

const run = (point: MemoryPoint) => exportToFolder(folder, exportFiles(point, ALL));

test('a folder holds the same files as an archive, with their dates', async () => {
  const files = await exported(makePoint());
  const report = await run(makePoint());
  expect(report).toEqual({ written: 5, unchanged: 0, refused: [] });
  expect(filesIn(folder)).toEqual([...files.keys()].filter((path) => !path.endsWith('/')).sort());
  expect(filesIn(folder).filter((path) => files.get(path)?.equals(readFileSync(join(folder, path))) !== true)).toEqual(
    [],
  );
  expect(statSync(join(folder, 'Files/.._outside.txt')).mtime.toISOString()).toBe('2025-06-07T08:09:10.000Z');
  expect(readdirSync(parent)).toEqual(['export']);
});

describe('a second export into the same folder', () => {
  test('writes only what is missing, and does not read large files that are there', async () => {
    await run(makePoint());
    rmSync(join(folder, 'Mail/Inbox/2026-01-02 Subject m2.eml'));
    const again = makePoint();
    expect(await run(again)).toEqual({ written: 2, unchanged: 3, refused: [] });
    expect(again.reads).not.toContain('content');
    expect(filesIn(folder)).toHaveLength(5);
  });

  test('leaves what differs as it is, and names it', async () => {
    await run(makePoint());
    const path = join(folder, 'Contacts/Contacts/Ada.vcf');
    writeFileSync(path, 'mine');
    expect(await run(makePoint())).toEqual({ written: 1, unchanged: 3, refused: ['Contacts/Contacts/Ada.vcf'] });
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });
});

describe('a symbolic link in the folder is not followed', () => {
  test.each([
    ['in the place of a folder', 'Mail'],
    ['in the place of a folder within', 'Mail/Inbox'],
    ['in the place of a file', 'Files/.._outside.txt'],
    ['in the place of the manifest', 'manifest.json'],
  ])('%s', async (_, place) => {
    const outside = join(parent, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'kept'), 'kept');
    mkdirSync(join(folder, place, '..'), { recursive: true });
    symlinkSync(place.includes('.') ? join(outside, 'kept') : outside, join(folder, place));
    await expect(run(makePoint())).rejects.toMatchObject({ kind: 'not-writable', code: 'export.in-the-way' });
    expect(filesIn(outside)).toEqual(['kept']);
    expect(readFileSync(join(outside, 'kept'), 'utf8')).toBe('kept');
  });
});

test('a path that leads out is refused even if a name were not safe', async () => {
  async function* evil(): AsyncGenerator<ExportedEntry> {
    const content = (async function* () {
      yield Buffer.from('x');
    })();
    yield { type: 'file', path: '../evil', modifiedAt: new Date(0), known: null, mayReplace: true, content };
  }
  await expect(exportToFolder(folder, evil())).rejects.toThrow('leads out');
  expect(existsSync(join(parent, 'evil'))).toBe(false);
});

test('an export that breaks off leaves no half of a file', async () => {
  async function* breaking(): AsyncGenerator<ExportedEntry> {
    const content = (async function* () {
      yield Buffer.from('half');
      throw new Error('Enough.');
    })();
    yield { type: 'file', path: 'Files/a.txt', modifiedAt: new Date(0), known: null, mayReplace: false, content };
  }
  await expect(exportToFolder(folder, breaking())).rejects.toThrow('Enough.');
  expect(filesIn(folder)).toEqual([]);
});

test('a folder that is not there is named', async () => {
  const nowhere = join(parent, 'nowhere');
  await expect(exportToFolder(nowhere, exportFiles(makePoint(), ALL))).rejects.toMatchObject({
    kind: 'not-found',
    code: 'export.no-folder',
    where: { path: nowhere },
  });
});
