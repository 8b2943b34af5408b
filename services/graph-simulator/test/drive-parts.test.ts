import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { graphSegments } from '../src/drives/graph/drive-paths.ts';
import { readRange } from '../src/drives/graph/downloads.ts';
import { resourceUnits } from '../src/drives/graph/resource-units.ts';
import { DriveIds } from '../src/drives/state/drive-ids.ts';
import { freeName, isPathTooLong, nameProblem } from '../src/drives/state/names.ts';
import { QuickXorHash } from '../src/drives/state/quick-xor-hash.ts';
import { Query } from '../src/http/graph-request.ts';
import { SharePointLimits } from '../src/limits/sharepoint-limits.ts';
import { DEFAULT_SETTINGS } from '../src/tenant/tenant.ts';

describe('quickXorHash', () => {
  test.each([
    ['nothing', Buffer.alloc(0), 'AAAAAAAAAAAAAAAAAAAAAAAAAAA='],
    ['a', Buffer.from('a'), 'YQAAAAAAAAAAAAAAAQAAAAAAAAA='],
    ['hello', Buffer.from('hello'), 'aCgDG9jwBgAAAAAABQAAAAAAAAA='],
    ['1,024 bytes', Buffer.from(Array.from({ length: 1024 }, (_, at) => at % 256)), 'h7xr2dbCayZCQYR9KKhlwDuT4UI='],
  ])('of %s is that of the public vectors', (_, bytes, expected) => {
    expect(new QuickXorHash().update(bytes).digest()).toBe(expected);
  });

  test('is that of the description, however the bytes are cut and wherever they lie in memory', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 2000 }),
        fc.array(fc.nat(700), { maxLength: 5 }),
        fc.nat(7),
        (data, cuts, shift) => {
          const bytes = Buffer.concat([Buffer.alloc(shift), data]).subarray(shift);
          const hash = new QuickXorHash();
          let at = 0;
          for (const cut of [...cuts, bytes.length]) {
            hash.update(bytes.subarray(at, at + cut));
            at += cut;
          }
          expect(hash.digest()).toBe(asDescribed(data));
        },
      ),
    );
  });
});

/** Bit by bit, as the description reads. */
function asDescribed(data: Uint8Array): string {
  let accumulator = 0n;
  const all = (1n << 160n) - 1n;
  data.forEach((byte, at) => {
    const shifted = BigInt(byte) << BigInt((11 * at) % 160);
    accumulator ^= (shifted & all) ^ (shifted >> 160n);
  });
  accumulator ^= BigInt(data.length) << 96n;
  const hex = accumulator.toString(16).padStart(40, '0');
  return Buffer.from(hex, 'hex').reverse().toString('base64');
}

describe('ids of drives and items', () => {
  const ids = new DriveIds(42);

  test('lead back to what they name, and are refused when altered or of another tenant', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(1e6), (drive, key) => {
        const id = ids.item(drive, key);
        expect(ids.readItem(id)).toEqual({ drive, key });
        expect(ids.readDrive(ids.drive(drive))).toBe(drive);
        expect(id).toMatch(/^01[A-Z2-7]{32}$/);
        expect(ids.readItem(ids.item(drive, key + 1).slice(0, 20) + id.slice(20))).toBeNull();
        expect(new DriveIds(43).readItem(id)).toBeNull();
      }),
    );
    expect(ids.readItem('')).toBeNull();
    expect(ids.readDrive('b!nonsense')).toBeNull();
    expect(ids.guid(1, 2)).toMatch(/^\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}$/);
  });
});

describe('names', () => {
  test.each([
    'a:b',
    'a*b',
    'x/y',
    'x\\y',
    'q?',
    'end.',
    ' lead',
    'trail ',
    '~$lock.docx',
    '_vti_cnf',
    'CON',
    'lpt1',
    '.lock',
    '',
    '..',
  ])('%j is not taken', (name) => expect(nameProblem(name)).not.toBeNull());

  test.each(['a.b.c', '.hidden', '100% #1', '⭐', '\u202Etxt', 'console', 'a~$b', "it's"])('%j is taken', (name) =>
    expect(nameProblem(name)).toBeNull(),
  );

  test('a path has 400 characters at most', () => {
    expect(isPathTooLong(['a'.repeat(199), 'b'.repeat(199)])).toBe(false);
    expect(isPathTooLong(['a'.repeat(199), 'b'.repeat(200)])).toBe(true);
  });

  test('the next free name keeps the extension', () => {
    const taken = new Set(['a.txt', 'a 1.txt']);
    expect(freeName('a.txt', (name) => taken.has(name))).toBe('a 2.txt');
    expect(freeName('.hidden', () => false)).toBe('.hidden 1');
  });
});

describe('paths', () => {
  test.each([
    ['/drives/D/root', ['drives', 'D', 'items', 'root']],
    ['/drives/D/root/children', ['drives', 'D', 'items', 'root', 'children']],
    ['/drives/D/root:/a/b%20c:/content', ['drives', 'D', 'items', 'root:/a/b c', 'content']],
    ['/drives/D/root:/a.txt', ['drives', 'D', 'items', 'root:/a.txt']],
    ['/drives/D/root:/a.txt:', ['drives', 'D', 'items', 'root:/a.txt']],
    ['/drives/D/items/I:/delta()%27:/content', ['drives', 'D', 'items', "I:/delta()'", 'content']],
    ["/drives('D')/items('I')/children", ['drives', 'D', 'items', 'I', 'children']],
    [
      '/users/u@x/drive/root:/a:/createUploadSession',
      ['users', 'u@x', 'drive', 'items', 'root:/a', 'createUploadSession'],
    ],
    ['/users/U/drives/D/root/delta', ['drives', 'D', 'items', 'root', 'delta']],
    ['/users/U/drives', ['users', 'U', 'drives']],
    ['/users/U/mailFolders/root', ['users', 'U', 'mailFolders', 'root']],
  ])('%s', (path, segments) => expect(graphSegments(path)).toEqual(segments));

  test('an empty name is refused', () => {
    expect(() => graphSegments('/drives/D/root:/a//b:/content')).toThrow('empty name');
  });
});

describe('ranges', () => {
  test.each([
    [undefined, null],
    ['bytes=0-', { from: 0, to: 100 }],
    ['bytes=10-19', { from: 10, to: 20 }],
    ['bytes=90-500', { from: 90, to: 100 }],
    ['bytes=-5', { from: 95, to: 100 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=9-3', null],
    ['bytes=0-1,5-6', null],
    ['lines=0-1', null],
  ])('%s of 100 bytes', (header, range) => expect(readRange(header, 100)).toEqual(range));
});

describe('resource units', () => {
  test.each([
    ['GET', 'drives/D', '', 1],
    ['GET', 'drives/D/items/I', '', 1],
    ['GET', 'drives/D/items/I/content', '', 1],
    ['GET', 'drives/D/items/root/delta', 'token=x', 1],
    ['GET', 'drives/D/items/root/delta', '$top=5', 2],
    ['GET', 'drives/D/items/I/children', '', 2],
    ['GET', 'users/U/drives', '', 2],
    ['PUT', 'drives/D/items/I/content', '', 2],
    ['PATCH', 'drives/D/items/I', '', 2],
    ['DELETE', 'drives/D/items/I', '', 2],
    ['GET', 'drives/D/items/I/permissions', '', 5],
    ['POST', 'drives/D/items/I/invite', '', 5],
    ['GET', 'drives/D/items/I', '$expand=permissions', 5],
    ['GET', 'drives/D/items/root:/permissions', '', 1],
  ])('%s %s?%s costs %i', (method, path, query, units) => {
    const segments = path.startsWith('drives/D/items/root:')
      ? ['drives', 'D', 'items', 'root:/permissions']
      : path.split('/');
    expect(resourceUnits(method, segments, new Query(query))).toBe(units);
  });

  test('from 80 % on answers say what is left; beyond the budget they are refused until the window is over', () => {
    const limits = new SharePointLimits();
    const settings = { ...DEFAULT_SETTINGS.limits, resourceUnitsPerWindow: 10, resourceUnitWindowSeconds: 60 };
    const enter = (units: number, now: number, app = 'a'): Record<string, string> =>
      limits.enter(app, units, settings, now).headers;
    expect(enter(5, 0)).toEqual({});
    expect(enter(3, 10_000)).toEqual({
      'RateLimit-Limit': '10',
      'RateLimit-Remaining': '2',
      'RateLimit-Reset': '50',
    });
    expect(enter(2, 20_000)['RateLimit-Remaining']).toBe('0');
    expect(() => enter(1, 30_000)).toThrow('throttled');
    let headers: Record<string, string> = {};
    try {
      enter(1, 40_000);
    } catch (error) {
      headers = (error as { headers: Record<string, string> }).headers;
    }
    expect(headers).toMatchObject({ 'Retry-After': '20', 'RateLimit-Remaining': '0', 'RateLimit-Reset': '20' });
    expect(enter(5, 40_000, 'another')).toEqual({});
    expect(enter(5, 60_000)).toEqual({});
    expect(limits.enter('a', 1000, DEFAULT_SETTINGS.limits, 60_000).headers).toEqual({});
  });
});
