import { expect, test } from '@jest/globals';
import { byteRange, firstBytes } from '../../src/points/byte-range.ts';

test.each<[string | undefined, { start: number; end: number } | null]>([
  [undefined, null],
  ['bytes=0-99', { start: 0, end: 99 }],
  ['bytes=10-19', { start: 10, end: 19 }],
  ['bytes=90-', { start: 90, end: 99 }],
  ['bytes=90-1000', { start: 90, end: 99 }],
  ['bytes=-10', { start: 90, end: 99 }],
  ['bytes=-1000', { start: 0, end: 99 }],
  ['bytes=20-10', null],
  ['bytes=0-1,5-6', null],
  ['bytes=-', null],
  ['bytes=a-b', null],
  ['items=0-1', null],
  ['', null],
])('%s of 100 bytes', (header, expected) => {
  expect(byteRange(header, 100)).toEqual(expected);
});

test.each(['bytes=100-', 'bytes=100-200', 'bytes=99999999999999999999-', 'bytes=-0'])(
  '%s of 100 bytes is refused',
  (header) => {
    expect(() => byteRange(header, 100)).toThrow('begins behind its end');
  },
);

test('no more bytes are read than are asked for', async () => {
  let read = 0;
  async function* pieces() {
    for (;;) {
      read += 1;
      yield Buffer.from('abcdef');
    }
  }
  const got: string[] = [];
  for await (const piece of firstBytes(pieces(), 10)) got.push(String(piece));
  expect([got, read]).toEqual([['abcdef', 'abcd'], 2]);
});
