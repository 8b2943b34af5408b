import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { activeTrace, traceparent, withTraceparent } from '../src/index.ts';

const VALID = /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-01$/;
const GIVEN = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('trace context', () => {
  test('outside of any trace a new valid header is made each time', () => {
    expect(traceparent()).toMatch(VALID);
    expect(traceparent()).not.toBe(traceparent());
    expect(activeTrace()).toBeNull();
  });

  test('travels unchanged into what runs inside, also after asynchronous steps', async () => {
    await withTraceparent(GIVEN, async () => {
      expect(traceparent()).toBe(GIVEN);
      await nextTurn();
      expect(traceparent()).toBe(GIVEN);
    });
    expect(activeTrace()).toBeNull();
  });

  test.each([undefined, '', 'nonsense', '00-00000000000000000000000000000000-b7ad6b7169203331-01'])(
    'begins anew, and then stays the same, when the header is %p',
    async (header) => {
      await withTraceparent(header, async () => {
        const first = traceparent();
        await nextTurn();
        expect(first).toMatch(VALID);
        expect(traceparent()).toBe(first);
      });
    },
  );

  test('keeps concurrent traces apart', async () => {
    const other = GIVEN.replace('0af7', '1af7');
    const seen = await Promise.all(
      [GIVEN, other].map((header) =>
        withTraceparent(header, async () => {
          await nextTurn();
          return traceparent();
        }),
      ),
    );
    expect(seen).toEqual([GIVEN, other]);
  });

  test('gives back what the work gives back, and throws what it throws', () => {
    expect(withTraceparent(GIVEN, () => 42)).toBe(42);
    expect(() =>
      withTraceparent(GIVEN, () => {
        throw new Error('boom');
      }),
    ).toThrow('boom');
  });
});
