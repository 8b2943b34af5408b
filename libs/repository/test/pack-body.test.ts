import { expect, test } from '@jest/globals';
import { SeededRandom, testSeed } from '@backhaul/repository/testing';
import { BufferPool } from '../src/buffer-pool.ts';
import { own } from '../src/own-bytes.ts';
import { PackBody } from '../src/pack-body.ts';

const random = new SeededRandom(testSeed());

test('segments that are sealed in any order lie in the order of their numbers, whatever their lengths', () => {
  const pool = new BufferPool(1000, 2);
  for (let round = 0; round < 50; round += 1) {
    const segments = Array.from({ length: random.below(40) }, () => random.bytes(1 + random.below(1500)));
    const body = new PackBody(pool);
    const left = [...segments.keys()];
    while (left.length > 0) {
      const [number] = left.splice(random.below(left.length), 1);
      body.add(number!, own(Buffer.from(segments[number!]!)));
    }
    expect(Buffer.concat(body.pieces()).equals(Buffer.concat(segments))).toBe(true);
    body.free();
  }
});

test('a pool gives the buffers again that it was given back, as many as it may keep', () => {
  const pool = new BufferPool(100_000, 2);
  const [one, two, three] = [pool.take(), pool.take(100_000), pool.take()];
  for (const buffer of [one, two, three]) pool.giveBack(buffer);
  expect(three.buffer.detached).toBe(true);
  expect(new Set([pool.take(), pool.take()])).toEqual(new Set([one, two]));
  const large = pool.take(100_001);
  expect(large).toHaveLength(100_001);
  pool.giveBack(large);
  expect(large.buffer.detached).toBe(true);
});
