import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { openCrew, type Crew } from '../src/crew.ts';
import { SplitQueue } from '../src/split-queue.ts';

const KEYS = { chunkId: randomBytes(32), chunker: randomBytes(32) };
const crews: Crew[] = [];

function crewOf(threads: number): Crew {
  const crew = openCrew(KEYS, threads);
  crews.push(crew);
  return crew;
}

afterEach(async () => {
  for (const crew of crews.splice(0)) await crew.close();
});

function sealJob(bytes: number) {
  const seal = { key: randomBytes(32), place: randomBytes(32), number: 0 };
  return { type: 'seal', seal, plain: new Uint8Array(randomBytes(bytes)), length: bytes, dense: false } as const;
}

function part(content: Uint8Array) {
  return [{ content, mime: true }];
}

describe('the queue of puts', () => {
  test('wakes a put that came while the crew did nothing but seal', async () => {
    const crew = crewOf(1);
    const queue = new SplitQueue(crew);
    const sealed = crew.do(sealJob(256 * 1024));
    expect(crew.isIdle).toBe(false);

    let split = 0;
    const put = queue.put(part(Buffer.from('short')), (parts) => (split += parts.length));
    await sealed;
    await put;

    expect(split).toBe(1);
  });

  test.each([0, 2])('tells puts of their parts in their order with %i threads', async (threads) => {
    const queue = new SplitQueue(crewOf(threads));
    const seen: string[] = [];
    const texts = Array.from({ length: 200 }, (_, n) => `message ${n} `.repeat(n % 7 === 0 ? 30_000 : 10));
    await Promise.all(
      texts.map((text, n) =>
        queue.put(part(Buffer.from(text)), ([split], buffer) => {
          const { offset, length } = split!.chunks[0]!;
          expect(buffer.toString('latin1', offset, offset + length)).toBe(text.slice(0, length));
          seen.push(`${n}`);
        }),
      ),
    );
    expect(seen).toEqual(texts.map((_, n) => `${n}`));
  });

  test('tells every put of a batch when the crew has ended', async () => {
    const crew = crewOf(1);
    const queue = new SplitQueue(crew);
    await crew.close();
    const puts = [1, 2, 3].map((n) => queue.put(part(Buffer.from(`${n}`)), () => undefined));
    for (const put of puts) await expect(put).rejects.toMatchObject({ code: 'repository.crew-ended' });
  });
});
