import { describe, expect, test } from '@jest/globals';
import { foldName, isFailure, parseJobName } from '../src/index.ts';

describe('a job name', () => {
  test('is trimmed and brought to Unicode NFC', () => {
    expect(parseJobName('  Cafe\u0301 ')).toBe('Caf\u00e9');
  });

  test.each([
    ['empty', '   '],
    ['longer than 255 characters', 'x'.repeat(256)],
    ['a line break', 'a\r\nBcc: b@c'],
    ['a tab', 'a\tb'],
    ['a line separator', 'a\u2028b'],
  ])('is refused when it is or has %s', (_what, text) => {
    let thrown: unknown;
    try {
      parseJobName(text);
    } catch (error) {
      thrown = error;
    }
    expect(isFailure(thrown, 'invalid-input') && thrown.where.field).toBe('name');
  });

  test('counts characters, not UTF-16 units', () => {
    expect(parseJobName('😀'.repeat(255))).toHaveLength(510);
  });

  test('is compared without regard to case', () => {
    expect(foldName('ÄPFEL')).toBe(foldName('äpfel'));
  });
});
