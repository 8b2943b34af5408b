import { describe, expect, test } from '@jest/globals';
import { preflight } from '../src/index.ts';

const INVENTORY = [
  'User.Read.All',
  'Organization.Read.All',
  'MailboxSettings.Read',
  'Group.Read.All',
  'Sites.Read.All',
];

describe('the preflight', () => {
  test('is content with exactly what is needed', () => {
    expect(preflight([...INVENTORY, 'Mail.Read'], { backup: ['mail'], restore: [] })).toEqual({
      missing: [],
      excess: [],
      ready: true,
    });
  });

  test('names what is missing and what it is for', () => {
    const found = preflight(['User.Read.All'], { backup: ['mail'], restore: ['mail'] });
    expect(found.ready).toBe(false);
    expect(found.missing.filter(({ required }) => required)).toEqual([
      { permission: 'Organization.Read.All', purpose: 'recognise the tenant', required: true },
      { permission: 'Mail.Read', purpose: 'back up mail', required: true },
      { permission: 'Mail.ReadWrite', purpose: 'restore mail', required: true },
    ]);
  });

  test('says of what only the inventory lacks that backups work without it', () => {
    const found = preflight(['User.Read.All', 'Organization.Read.All', 'Mail.Read'], { backup: ['mail'], restore: [] });
    expect(found.ready).toBe(true);
    expect(found.missing.map(({ permission }) => permission)).toEqual([
      'MailboxSettings.Read',
      'Group.Read.All',
      'Sites.Read.All',
    ]);
  });

  test('warns of every permission to write or send that nothing needs', () => {
    const roles = [...INVENTORY, 'Mail.ReadWrite', 'Mail.Send', 'Sites.FullControl.All', 'Files.ReadWrite.All'];
    expect(preflight(roles, { backup: ['mail'], restore: [] }).excess).toEqual([
      'Mail.ReadWrite',
      'Mail.Send',
      'Sites.FullControl.All',
      'Files.ReadWrite.All',
    ]);
    expect(preflight(roles, { backup: ['mail'], restore: ['mail'] }).excess).not.toContain('Mail.ReadWrite');
  });
});
