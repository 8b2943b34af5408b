import type { CollisionRule } from '@backhaul/domain';
import { describe, expect, test } from '@jest/globals';
import { decideFile } from '../src/drive/restore/file-collision.ts';
import { isSameFile, type FileLikeness, type FoundItem } from '../src/drive/restore/file-likeness.ts';
import { acceptedName, nameBeside } from '../src/drive/restore/file-names.ts';
import { planPermissions } from '../src/drive/restore/plan-permissions.ts';

const CREATED = '2020-01-01T00:00:00.000Z';
const MODIFIED = '2021-01-01T00:00:00.500Z';

function stored(more: Partial<FileLikeness> = {}): FileLikeness {
  return { name: 'a.txt', size: 5, hash: 'H', createdAt: CREATED, modifiedAt: MODIFIED, ...more };
}

function found(more: Partial<FoundItem> = {}): FoundItem {
  return { ...stored(), id: 'there', isFile: true, ...more };
}

describe('names', () => {
  test.each([
    ['report.docx', 'report.docx'],
    ['Ärger & Co #1 100%.txt', 'Ärger & Co #1 100%.txt'],
    ['\u00a0no-break space.txt', '\u00a0no-break space.txt'],
    ['a:b*c?.txt', 'a_b_c_.txt'],
    ['a\\b/c|d<e>f"g', 'a_b_c_d_e_f_g'],
    ['line\nbreak', 'line_break'],
    [' both ends ', '_both ends_'],
    ['dots...', 'dots___'],
    ['~$lock.docx', '_$lock.docx'],
    ['x_vti_y', 'x_vti-y'],
    ['CON', '_CON'],
    ['lpt1.txt', '_lpt1.txt'],
    ['console', 'console'],
    ['desktop.ini', '_desktop.ini'],
    ['.lock', '_.lock'],
    ['', '_'],
  ])('%j becomes %j', (name, accepted) => {
    expect(acceptedName(name)).toBe(accepted);
    expect(acceptedName(accepted)).toBe(accepted);
  });

  test('beside another one are the same for one restore and differ between two', () => {
    const [one, other] = [nameBeside('a.tar.gz', 'restore-1'), nameBeside('a.tar.gz', 'restore-2')];
    expect(one).toMatch(/^a\.tar \(restored [0-9a-f]{8}\)\.gz$/);
    expect(nameBeside('a.tar.gz', 'restore-1')).toBe(one);
    expect(other).not.toBe(one);
    expect(nameBeside('.profile', 'restore-1')).toMatch(/^\.profile \(restored /);
  });
});

describe('a file in the target', () => {
  test.each([
    ['the same hash', stored(), found({ modifiedAt: '' }), true],
    ['another hash', stored(), found({ hash: 'X' }), false],
    ['no hash there, equal length and dates', stored(), found({ hash: '' }), true],
    ['no hash there, other dates', stored(), found({ hash: '', modifiedAt: '2022-01-01T00:00:00Z' }), false],
    ['no hash there, another length', stored(), found({ hash: '', size: 6 }), false],
    [
      'dates that differ by less than a second',
      stored(),
      found({ hash: '', modifiedAt: '2021-01-01T00:00:00Z' }),
      true,
    ],
    ['no bytes', stored({ size: 0, hash: '' }), found({ size: 0, hash: '', createdAt: '2023-01-01T00:00:00Z' }), true],
    ['an Office name, other bytes, equal dates', stored({ name: 'a.docx' }), found({ hash: 'X', size: 9 }), true],
    ['an Office name, other dates', stored({ name: 'a.docx' }), found({ hash: 'X', createdAt: MODIFIED }), false],
    ['a folder of the name', stored(), found({ isFile: false }), false],
  ])('with %s', (_case, one, other, isSame) => {
    expect(isSameFile(one, other)).toBe(isSame);
  });
});

describe('the collision rules', () => {
  const OTHER = found({ hash: 'X' });
  const FOLDER = found({ isFile: false });
  const decide = (rule: CollisionRule, at: Record<string, FoundItem>) =>
    decideFile(rule, stored(), 'beside', (name) => at[name]);

  test.each(['skip', 'only-missing', 'replace', 'keep-both'] as const)('write what is missing (%s)', (rule) => {
    expect(decide(rule, {})).toEqual({ type: 'write', name: 'a.txt', ifTaken: 'fail' });
    expect(decide(rule, { 'a.txt': found() })).toMatchObject({ type: 'keep', isOurs: false });
  });

  test.each([
    ['skip', { 'a.txt': OTHER }, { type: 'skip' }],
    ['only-missing', { 'a.txt': OTHER }, { type: 'skip' }],
    ['skip', { 'a.txt': FOLDER }, { type: 'skip' }],
    ['replace', { 'a.txt': OTHER }, { type: 'write', name: 'a.txt', ifTaken: 'replace' }],
    ['replace', { 'a.txt': FOLDER }, { type: 'blocked' }],
    ['keep-both', { 'a.txt': OTHER }, { type: 'write', name: 'beside', ifTaken: 'fail' }],
    ['keep-both', { 'a.txt': FOLDER }, { type: 'write', name: 'beside', ifTaken: 'fail' }],
    ['keep-both', { 'a.txt': OTHER, beside: OTHER }, { type: 'keep', isOurs: true }],
    ['keep-both', { 'a.txt': OTHER, beside: FOLDER }, { type: 'blocked' }],
  ] as const)('%s of %j gives %j', (rule, at, decision) => {
    expect(decide(rule, at)).toMatchObject(decision);
  });
});

describe('permissions to make again', () => {
  const ada = { user: { email: 'Ada@example.com', id: '1' } };
  const write = { id: 'w', roles: ['write'], grantedToV2: ada };
  const link = { id: 'l', roles: ['read'], link: { type: 'view', scope: 'organization' } };

  test('are those that are not there, links first', () => {
    expect(planPermissions([write, link], []).steps.map(({ type }) => type)).toEqual(['link', 'grant']);
    expect(planPermissions([write, link], [link, write])).toEqual({ steps: [], losses: [] });
  });

  test('are none when the same person may do more already, whatever the case of the address', () => {
    const read = { ...write, roles: ['read'] };
    const there = { ...write, grantedToV2: { user: { email: 'ada@EXAMPLE.com', id: '2' } } };
    expect(planPermissions([read], [there]).steps).toEqual([]);
    expect(planPermissions([write], [{ ...there, roles: ['read'] }]).steps).toHaveLength(1);
  });

  test('for chosen people are made for these', () => {
    const users = { ...link, link: { type: 'edit', scope: 'users' }, grantedToIdentitiesV2: [ada] };
    const [step] = planPermissions([users], [link]).steps;
    expect(step).toMatchObject({ type: 'link', link: { type: 'edit', scope: 'users', recipients: [ada.user] } });
    expect(planPermissions([users], [users]).steps).toEqual([]);
  });
});
