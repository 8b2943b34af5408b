import { format, inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Secret } from '../src/index.ts';

/** Every way in which a value gets into a text without anybody asking for it. */
const WAYS_OUT: [string, (secret: Secret) => string][] = [
  ['String', (secret) => String(secret)],
  ['a template literal', (secret) => `${secret as unknown as string}`],
  ['an addition', (secret) => '' + (secret as unknown as string)],
  ['JSON', (secret) => JSON.stringify(secret)],
  ['JSON of something that holds it', (secret) => JSON.stringify({ deep: [{ secret }] })],
  ['inspect', (secret) => inspect(secret)],
  ['inspect with everything shown', (secret) => inspect(secret, { showHidden: true, depth: null, getters: true })],
  ['inspect of something that holds it', (secret) => inspect({ deep: { deeper: { secret } } }, { depth: null })],
  ['console formats', (secret) => format('%s %o %O %j', secret, secret, secret, secret)],
  ['its members', (secret) => JSON.stringify([Reflect.ownKeys(secret), { ...secret }, Object.entries(secret)])],
  ['an error it is thrown in', (secret) => inspect(new Error('refused', { cause: secret }))],
  ['a copy', (secret) => inspect(structuredClone(secret), { showHidden: true })],
];

describe('a secret', () => {
  test.each(WAYS_OUT)('does not get out by %s', (_way, out) => {
    expect(out(new Secret('canary-7f3a'))).not.toContain('canary');
  });

  test.each(WAYS_OUT.filter(([way]) => !/members|copy/.test(way)))('is replaced by a mark in %s', (_way, out) => {
    expect(out(new Secret('canary-7f3a'))).toContain('[redacted]');
  });

  test('is given to whoever asks for it by name, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(new Secret(value).reveal()).toBe(value);
      }),
    );
  });

  test('may be bytes, and they do not get out either', () => {
    const key = new Secret(Buffer.from('canary-key'));
    for (const out of [inspect(key), JSON.stringify(key)]) expect(out).toMatch(/^"?\[redacted\]"?$/);
    expect(key.reveal().toString()).toBe('canary-key');
  });
});
