import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFailure, type Secret, type Failure } from '@backhaul/domain';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import {
  defineSettings,
  EXIT_CONFIGURATION,
  orExitOnBadSettings,
  readSettings,
  settingsReference,
} from '../src/index.ts';

const definition = defineSettings({
  DATABASE_URL: { schema: z.url(), secret: true, help: 'Where PostgreSQL is.' },
  BACKHAUL_PORT: { schema: z.coerce.number().int().min(1).max(65535), default: '8443', help: 'Port of the API.' },
  BACKHAUL_LEASE: { schema: z.coerce.number().min(5), default: '30', unit: 'seconds', help: 'Life of a lease.' },
  BACKHAUL_SMTP_PASSWORD: { schema: z.string().optional(), secret: true, help: 'Password at the mail server.' },
  BACKHAUL_DEMO: { schema: z.stringbool(), default: 'false', help: 'Demonstration | try-out.' },
});

const DATABASE_URL = 'postgres://u:canary@db/backhaul';

function problemsOf(env: Record<string, string>, alsoKnown: string[] = []): Failure {
  try {
    readSettings(definition, env, { alsoKnown });
  } catch (error) {
    if (isFailure(error, 'invalid-input')) return error;
    throw error;
  }
  throw new Error('The settings were accepted.');
}

describe('settings', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'settings-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('are typed, complete with defaults, and frozen', () => {
    const settings = readSettings(definition, { DATABASE_URL, BACKHAUL_DEMO: 'yes', BACKHAUL_LEASE: '12.5' });
    const port: number = settings.BACKHAUL_PORT;
    const password: Secret | undefined = settings.BACKHAUL_SMTP_PASSWORD;
    expect([port, settings.BACKHAUL_DEMO, settings.BACKHAUL_LEASE, password]).toEqual([8443, true, 12.5, undefined]);
    expect(Object.isFrozen(settings)).toBe(true);
  });

  test('come out as Secret where declared so', () => {
    const settings = readSettings(definition, { DATABASE_URL });
    expect(settings.DATABASE_URL.reveal()).toBe(DATABASE_URL);
    expect(JSON.stringify(settings)).not.toContain('canary');
  });

  test('set to nothing count as absent', () => {
    expect(readSettings(definition, { DATABASE_URL, BACKHAUL_PORT: '' }).BACKHAUL_PORT).toBe(8443);
    expect(problemsOf({ DATABASE_URL: '' }).where['DATABASE_URL']).toContain('is missing');
  });

  test('can be given as files; the last line break is not part of the value', () => {
    const path = join(folder, 'password');
    writeFileSync(path, ' pass word \n');
    const settings = readSettings(definition, { DATABASE_URL, BACKHAUL_SMTP_PASSWORD_FILE: path });
    expect(settings.BACKHAUL_SMTP_PASSWORD?.reveal()).toBe(' pass word ');
  });

  test('that are wrong are all reported together, each by name with what to do', () => {
    const failure = problemsOf({
      BACKHAUL_PORT: '0',
      BACKHAUL_LAESE: '30',
      BACKHAUL_SMTP_PASSWORD: 'x',
      BACKHAUL_SMTP_PASSWORD_FILE: join(folder, 'absent'),
      BACKHAUL_DEMO_FILE: join(folder, 'absent'),
    });
    expect(failure.code).toBe('settings.invalid');
    expect(failure.where).toEqual({
      DATABASE_URL: 'is missing. Set DATABASE_URL or DATABASE_URL_FILE: Where PostgreSQL is.',
      BACKHAUL_PORT: 'Too small: expected number to be >=1 (it is "0"). Port of the API.',
      BACKHAUL_LAESE: 'is not a known setting. Did you mean BACKHAUL_LEASE?',
      BACKHAUL_SMTP_PASSWORD: 'is given twice. Set either BACKHAUL_SMTP_PASSWORD or BACKHAUL_SMTP_PASSWORD_FILE.',
      BACKHAUL_DEMO: `the file ${join(folder, 'absent')} cannot be read (ENOENT). Correct BACKHAUL_DEMO_FILE.`,
    });
    expect(failure.message.split('\n')).toHaveLength(6);
  });

  test('that are secret never appear in a problem', () => {
    const failure = problemsOf({ DATABASE_URL: 'canary-not-a-url' });
    expect(JSON.stringify([failure.message, failure.where])).not.toContain('canary');
  });

  test('of other processes in the same environment are no mistake, foreign names neither', () => {
    const env = { DATABASE_URL, BACKHAUL_OTHER: '1', BACKHAUL_OTHER_FILE: '/x', PATH: '/bin', ELSE: '1' };
    expect(readSettings(definition, env, { alsoKnown: ['BACKHAUL_OTHER'] }).BACKHAUL_PORT).toBe(8443);
    expect(problemsOf({ ...env, BACKHAUL_XYZZY_PLUGH: '1' }, ['BACKHAUL_OTHER']).where['BACKHAUL_XYZZY_PLUGH']).toBe(
      'is not a known setting. Remove it.',
    );
  });

  test('that are wrong end the process with code 78 and plain words', () => {
    const written: string[] = [];
    const ended = new Error('ended');
    let code: number | undefined;
    const end = {
      stderr: { write: (text: string) => written.push(text) },
      exit: (exitCode: number): never => {
        code = exitCode;
        throw ended;
      },
    };
    expect(() => orExitOnBadSettings(() => readSettings(definition, {}), end)).toThrow(ended);
    expect(code).toBe(EXIT_CONFIGURATION);
    expect(written.join('')).toContain('One setting is wrong:\n  DATABASE_URL: is missing.');
    expect(orExitOnBadSettings(() => 1, end)).toBe(1);
  });

  test('are printed as a table for the documentation', () => {
    expect(settingsReference(definition)).toBe(
      [
        '| Variable | Meaning | Unit | Default | Secret |',
        '| --- | --- | --- | --- | --- |',
        '| `DATABASE_URL` | Where PostgreSQL is. |  | **required** | yes |',
        '| `BACKHAUL_PORT` | Port of the API. |  | `8443` |  |',
        '| `BACKHAUL_LEASE` | Life of a lease. | seconds | `30` |  |',
        '| `BACKHAUL_SMTP_PASSWORD` | Password at the mail server. |  | not set | yes |',
        '| `BACKHAUL_DEMO` | Demonstration \\| try-out. |  | `false` |  |',
        '',
      ].join('\n'),
    );
  });

  test('says in words what differs from host to host, and that a default is empty', () => {
    const hostly = defineSettings({
      BACKHAUL_WORKERS: { schema: z.string(), default: '3', defaultInWords: 'one per core', help: 'Threads.' },
      BACKHAUL_HOSTS: { schema: z.string(), default: '', help: 'Hosts.' },
    });
    const cells = settingsReference(hostly).split('\n').slice(2);
    expect(cells).toEqual([
      '| `BACKHAUL_WORKERS` | Threads. |  | one per core |  |',
      '| `BACKHAUL_HOSTS` | Hosts. |  | empty |  |',
      '',
    ]);
  });
});
