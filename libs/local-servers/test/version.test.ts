import { expect, test } from '@jest/globals';
import { findVersion, isAtLeast } from '../src/version.ts';

test.each([
  ['nats-server: v2.15.1', [2, 15, 1]],
  ['18.4 (Debian 18.4-1)', [18, 4]],
  ['2.15.1-1+b2', [2, 15, 1]],
  ['no number here', undefined],
])('the version in "%s"', (text, version) => {
  expect(findVersion(text)).toEqual(version);
});

test.each([
  [[2, 12], [2, 12], true],
  [[2, 12, 0], [2, 12], true],
  [[2, 9, 30], [2, 12], false],
  [[3, 0], [2, 12], true],
  [[2], [2, 0, 1], false],
])('%j is at least %j: %s', (version, minimum, expected) => {
  expect(isAtLeast(version, minimum)).toBe(expected);
});
