import { describe, expect, test } from '@jest/globals';
import { isWellFormed, newBearerToken, tokenHash } from '../../src/access/bearer-token.ts';

describe('a bearer token', () => {
  test('carries prefix, 256 random bits and a checksum', () => {
    expect(newBearerToken('bh').reveal()).toMatch(/^bh_[0-9a-f]{72}$/);
    expect(newBearerToken('bh').reveal()).not.toBe(newBearerToken('bh').reveal());
  });

  test('is known by its checksum', () => {
    const token = newBearerToken('bh').reveal();
    expect(isWellFormed('bh', token)).toBe(true);
    expect(isWellFormed('bhs', token)).toBe(false);
    expect(isWellFormed('bh', token.slice(0, -1))).toBe(false);
    for (let at = 3; at < token.length; at += 1) {
      const digit = token[at] === '0' ? '1' : '0';
      expect(isWellFormed('bh', token.slice(0, at) + digit + token.slice(at + 1))).toBe(false);
    }
  });

  test('is stored as a hash from which it cannot be used', () => {
    const token = newBearerToken('bh').reveal();
    expect(tokenHash(token).toString('hex')).not.toContain(token.slice(3, 20));
    expect(isWellFormed('bh', `bh_${tokenHash(token).toString('hex')}00000000`)).toBe(false);
  });
});
