import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { foldName, isFailure, parseName } from '../src/index.ts';

/** Names that are accepted. */
const anyName = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .filter((text) => text.normalize('NFC').trim() !== '' && !/\p{Cc}|\p{Zl}|\p{Zp}/u.test(text));

describe('a job name', () => {
  test('is trimmed and brought to Unicode NFC', () => {
    expect(parseName('  Cafe\u0301 ')).toBe('Caf\u00e9');
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
      parseName(text);
    } catch (error) {
      thrown = error;
    }
    expect(isFailure(thrown, 'invalid-input') && thrown.where.field).toBe('name');
  });

  test('counts characters, not UTF-16 units', () => {
    expect(parseName('😀'.repeat(255))).toHaveLength(510);
  });

  test('stays what it is when it is read again', () => {
    fc.assert(
      fc.property(anyName, (text) => {
        const name = parseName(text);
        expect(parseName(name)).toBe(name);
        expect(name).toBe(name.normalize('NFC').trim());
      }),
    );
  });
});

describe('the form in which names are compared', () => {
  test.each([
    ['without regard to case', 'ÄPFEL', 'äpfel'],
    ['without regard to how an accent is written', 'Cafe\u0301', 'CAF\u00c9'],
    ['also where only the small letter is one character', 'J\u030c', '\u01f0'],
  ])('is %s', (_what, one, other) => {
    expect(foldName(one)).toBe(foldName(other));
  });

  test.each([
    ['accents', 'Äpfel', 'Apfel'],
    ['white space', 'a b', 'ab'],
  ])('keeps %s apart', (_what, one, other) => {
    expect(foldName(one)).not.toBe(foldName(other));
  });

  test('is its own, and the same for every way of writing it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        const folded = foldName(name);
        expect(foldName(folded)).toBe(folded);
        expect(foldName(name.normalize('NFD'))).toBe(folded);
      }),
    );
  });
});
