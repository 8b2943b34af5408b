import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isFailure } from '@backhaul/domain';
import { goldenMessages, messageFormats, formatOf, samples } from '../testing/index.ts';

const seed = Number(process.env['SEED'] ?? 20261125);

describe.each(messageFormats)('the message "$name"', ({ encode, decode, values }) => {
  test(`means the same after it has travelled (seed ${seed})`, () => {
    fc.assert(
      fc.property(values, (message) => {
        expect(decode(encode(message))).toEqual(message);
      }),
      { seed, numRuns: 300 },
    );
  });

  test(`is read or refused, whatever the bytes are (seed ${seed})`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => refusalOrNull(() => decode(bytes)) !== 'crash'),
      { seed, numRuns: 1_000 },
    );
  });

  test(`is read or refused when bytes of it are changed or missing (seed ${seed})`, () => {
    const damaged = fc.tuple(values, fc.nat(), fc.nat({ max: 255 }), fc.nat()).map(([message, at, byte, cut]) => {
      const bytes = encode(message);
      if (bytes.length === 0) return bytes;
      bytes[at % bytes.length] = byte;
      return bytes.slice(0, bytes.length - (cut % 3));
    });
    fc.assert(
      fc.property(damaged, (bytes) => refusalOrNull(() => decode(bytes)) !== 'crash'),
      { seed, numRuns: 1_000 },
    );
  });

  test('is refused before it is decoded when it is too large', () => {
    expect(refusalOrNull(() => decode(new Uint8Array(1024 * 1024)))).toBe('wire.too-large');
  });

  test('is refused when it is empty', () => {
    expect(refusalOrNull(() => decode(new Uint8Array(0)))).toMatch(/^wire\./);
  });
});

describe('messages of every release', () => {
  test.each(goldenMessages())('$release: "$name" still means the same', ({ name, bytes, meaning }) => {
    expect(formatOf(name).decode(bytes)).toMatchObject(meaning as object);
  });

  test('are kept for this one: one sample of every form', () => {
    const kept = goldenMessages().filter(({ release }) => release === '0.1.0');
    expect(kept.map(({ name }) => name).sort()).toEqual(Object.keys(samples).sort());
  });
});

/** The code of the refusal, null when it was read, `crash` for any other error. */
function refusalOrNull(read: () => unknown): string | null {
  try {
    read();
    return null;
  } catch (error) {
    return isFailure(error, 'invalid-input') && error.code.startsWith('wire.') ? error.code : 'crash';
  }
}
