import { randomBytes } from 'node:crypto';
import { Secret } from '@backhaul/domain';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KeyEncryptionKey } from '../../src/secrets/key-encryption-key.ts';
import { SecretBox, type SealedValue } from '../../src/secrets/secret-box.ts';

const kek = () => new KeyEncryptionKey(new Secret(randomBytes(32)));
const place = { table: 'tenants', column: 'credential', rowId: 'row-1' };

describe('a sealed secret', () => {
  test('opens again with the same key at the same place, whatever it holds', () => {
    const box = new SecretBox(kek());
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const sealed = box.seal(new Secret(text), place);
        expect(box.open(JSON.parse(JSON.stringify(sealed)) as SealedValue, place).reveal()).toBe(
          Buffer.from(text, 'utf8').toString('utf8'),
        );
      }),
      { numRuns: 200 },
    );
  });

  test('does not show what it holds and never looks the same twice', () => {
    const box = new SecretBox(kek());
    const one = box.seal(new Secret('canary-value'), place);
    const other = box.seal(new Secret('canary-value'), place);
    const text = JSON.stringify(one);
    expect(text).not.toContain('canary-value');
    expect(text).not.toContain(Buffer.from('canary-value').toString('base64').replace(/=+$/, ''));
    expect(one.box).not.toBe(other.box);
    expect(one.wrappedKey).not.toBe(other.wrappedKey);
  });

  test('does not open with another key', () => {
    const sealed = new SecretBox(kek()).seal(new Secret('x'), place);
    expect(() => new SecretBox(kek()).open(sealed, place)).toThrow(expect.objectContaining({ kind: 'wrong-key' }));
  });

  test('does not open with another key that pretends to be the right one', () => {
    const sealed = new SecretBox(kek()).seal(new Secret('x'), place);
    const other = kek();
    const forged = { ...sealed, key: other.fingerprint };
    expect(() => new SecretBox(other).open(forged, place)).toThrow(expect.objectContaining({ kind: 'corrupt' }));
  });

  test.each([{ table: 'repositories' }, { column: 'other' }, { rowId: 'row-2' }])(
    'does not open after it was moved to another place: %j',
    (moved) => {
      const box = new SecretBox(kek());
      const sealed = box.seal(new Secret('x'), place);
      expect(() => box.open(sealed, { ...place, ...moved })).toThrow(expect.objectContaining({ kind: 'corrupt' }));
    },
  );

  test('does not open when any byte of it was changed', () => {
    const box = new SecretBox(kek());
    const sealed = box.seal(new Secret('a secret of some length'), place);
    for (const member of ['wrappedKey', 'box'] as const) {
      const bytes = Buffer.from(sealed[member], 'base64');
      for (let at = 0; at < bytes.length; at += 1) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ 1;
        const forged = { ...sealed, [member]: changed.toString('base64') };
        expect(() => box.open(forged, place)).toThrow(expect.objectContaining({ kind: 'corrupt' }));
      }
    }
  });
});
