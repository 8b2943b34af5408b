import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { isFailure, type Failure } from '@backhaul/domain';
import { isLoopback, readDirectorSettings } from '../src/settings.ts';

const GOOD = {
  DATABASE_URL: 'postgres://backhaul:canary-password@localhost/backhaul',
  NATS_URL: 'nats://127.0.0.1:4222',
  BACKHAUL_NATS_CREDENTIALS: '-----BEGIN NATS USER JWT-----\n…',
  BACKHAUL_NATS_ACCOUNT_SEED: `SA${'A'.repeat(56)}`,
};

function refusalOf(changes: Record<string, string | undefined>): Failure {
  try {
    readDirectorSettings({ ...GOOD, ...changes });
  } catch (error) {
    if (isFailure(error, 'invalid-input')) return error;
    throw error;
  }
  throw new Error('The settings were accepted.');
}

describe('the settings of the Director', () => {
  test('need only database and NATS; everything else has a default', () => {
    const settings = readDirectorSettings(GOOD);
    expect(settings).toMatchObject({
      listen: { host: '127.0.0.1', port: 8800, tls: null },
      key: { type: 'file', path: join(resolve('backhaul-data'), 'director.key') },
      cacheFolder: join(resolve('backhaul-data'), 'cache'),
      repositoryRoots: [],
      extraGraphHosts: [],
      leaseSeconds: 30,
    });
  });

  test('report all problems together', () => {
    const { message } = refusalOf({
      DATABASE_URL: 'mysql://x',
      NATS_URL: undefined,
      BACKHAUL_PORT: '99999',
      BACKHAUL_PROT: '1',
    });
    for (const name of ['DATABASE_URL', 'NATS_URL', 'BACKHAUL_PORT', 'BACKHAUL_PROT']) expect(message).toContain(name);
    expect(message).toContain('Did you mean BACKHAUL_PORT?');
  });

  test('refuse to listen for other machines without TLS', () => {
    expect(refusalOf({ BACKHAUL_HOST: '0.0.0.0' }).where).toHaveProperty('BACKHAUL_HOST');
  });

  test('refuse a certificate without its key, and the other way round', () => {
    const certificate = '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----';
    const key = '-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----';
    expect(refusalOf({ BACKHAUL_TLS_CERTIFICATE: certificate }).where).toHaveProperty('BACKHAUL_TLS_KEY');
    expect(refusalOf({ BACKHAUL_TLS_KEY: key }).where).toHaveProperty('BACKHAUL_TLS_CERTIFICATE');
    const both = { BACKHAUL_HOST: '0.0.0.0', BACKHAUL_TLS_CERTIFICATE: certificate, BACKHAUL_TLS_KEY: key };
    expect(readDirectorSettings({ ...GOOD, ...both }).listen.host).toBe('0.0.0.0');
  });

  test('take the key from the environment', () => {
    const settings = readDirectorSettings({ ...GOOD, BACKHAUL_KEY: randomBytes(32).toString('base64') });
    expect(settings.key.type).toBe('given');
    expect(refusalOf({ BACKHAUL_KEY: 'short' }).where).toHaveProperty('BACKHAUL_KEY');
  });

  test('refuse relative repository roots', () => {
    expect(refusalOf({ BACKHAUL_REPOSITORY_ROOTS: 'backups' }).where).toHaveProperty('BACKHAUL_REPOSITORY_ROOTS');
  });

  test('never print a secret', () => {
    const failure = refusalOf({ DATABASE_URL: 'canary-password', BACKHAUL_KEY: 'canary-key' });
    expect(JSON.stringify([failure.message, failure.where, failure.hint])).not.toContain('canary');
    expect(JSON.stringify(readDirectorSettings(GOOD))).not.toContain('canary');
  });
});

test.each([
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.1', false],
  ['127.0.0.1.example.com', false],
  ['localhost.example.com', false],
])('%s reaches this machine only: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
