import { delimiter } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readSettings } from '@backhaul/settings';
import { TRANSPORTER_SETTINGS } from '../src/settings.ts';

const given = {
  NATS_URL: 'nats://127.0.0.1:4222',
  BACKHAUL_DATA_FOLDER: '/var/lib/backhaul',
  BACKHAUL_REPOSITORY_ROOTS: ['/srv/a', '/srv/b'].join(delimiter),
};

const problemOf = (changes: Record<string, string>) => {
  try {
    readSettings(TRANSPORTER_SETTINGS, { ...given, ...changes });
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('The Transporter’s settings', () => {
  test('need little and have defaults for the rest', () => {
    expect(readSettings(TRANSPORTER_SETTINGS, given)).toMatchObject({
      BACKHAUL_SLOTS: 4,
      BACKHAUL_LEASE_SECONDS: 30,
      BACKHAUL_SHUTDOWN_GRACE_SECONDS: 25,
      BACKHAUL_REPOSITORY_ROOTS: ['/srv/a', '/srv/b'],
    });
  });

  test.each([
    ['BACKHAUL_SLOTS', '0'],
    ['BACKHAUL_SLOTS', 'many'],
    ['BACKHAUL_LEASE_SECONDS', '1'],
    ['BACKHAUL_DIRECTOR_URL', 'backhaul.example'],
    ['BACKHAUL_DATA_FOLDER', ''],
    ['BACKHAUL_CA', 'no certificate'],
  ])('are refused with the name of the variable: %s=%s', (name, value) => {
    expect(problemOf({ [name]: value })).toContain(name);
  });

  test('never show the join token', () => {
    const read = readSettings(TRANSPORTER_SETTINGS, { ...given, BACKHAUL_JOIN_TOKEN: 'bhj_secret' });
    expect(JSON.stringify(read)).not.toContain('bhj_secret');
    expect(problemOf({ BACKHAUL_JOIN_TOKEN: 'bhj_secret', BACKHAUL_SLOTS: '0' })).not.toContain('bhj_secret');
  });
});
