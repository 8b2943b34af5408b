import { failureOf } from '@backhaul/engine/testing';
import { describe, expect, test } from '@jest/globals';
import { isUsedUp, readViewCursor, windowAround, writeViewCursor } from '../src/calendar/view-window.ts';

const DAY_MS = 86_400_000;
const now = new Date('2026-11-25T13:14:15Z');

describe('the window of a calendar’s view', () => {
  test('reaches from a year ago to two years ahead, which Graph takes', () => {
    const window = windowAround(now);
    expect(window).toEqual({ from: '2025-11-25T00:00:00.000Z', to: '2028-11-25T00:00:00.000Z' });
    expect((Date.parse(window.to) - Date.parse(window.from)) / DAY_MS).toBeLessThan(1825);
  });

  test.each([
    ['2027-11-25T00:00:00Z', false],
    ['2027-11-26T00:00:00Z', true],
    ['2029-01-01T00:00:00Z', true],
    ['2026-11-25T13:14:15Z', false],
  ])('is used up at %s: %s', (at, isOver) => {
    expect(isUsedUp(windowAround(now), new Date(at))).toBe(isOver);
  });

  test('begun on a leap day ends on the day after', () => {
    expect(windowAround(new Date('2028-02-29T12:00:00Z')).to).toBe('2030-03-01T00:00:00.000Z');
  });

  test('stands in the cursor with the link', () => {
    const cursor = { link: 'https://graph.example/delta?$deltatoken=x', ...windowAround(now) };
    expect(readViewCursor(writeViewCursor(cursor))).toEqual(cursor);
  });

  test.each(['', '!', 'null', '[]', '{"link":1}', 'https://graph.example/delta'])('is not in %j', async (cursor) => {
    const read = Promise.resolve().then(() => readViewCursor(cursor));
    expect(await failureOf(read)).toMatchObject({ kind: 'invalid-input', code: 'graph.cursor-malformed' });
  });
});
