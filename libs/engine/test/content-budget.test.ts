import { describe, expect, test } from '@jest/globals';
import { ContentBudget } from '../src/content-budget.ts';

const MB = 1024 * 1024;

/** Pieces of one size; each holds its content until it is let go. */
function pieces(budget: ContentBudget, bytes: number) {
  const running: (() => void)[] = [];
  let most = 0;
  return {
    get running() {
      return running.length;
    },
    get most() {
      return most;
    },
    start: () =>
      budget.hold(async (fetched) => {
        fetched(bytes);
        await new Promise<void>((resolve) => {
          running.push(resolve);
          most = Math.max(most, running.length);
        });
      }),
    letGo: () => running.shift()?.(),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

async function finish(all: ReturnType<typeof pieces>, started: Promise<void>[]): Promise<void> {
  let left = started.length;
  for (const one of started) void one.then(() => (left -= 1));
  while (left > 0) {
    all.letGo();
    await settled();
  }
}

describe('the content that tasks hold at once', () => {
  test('hardly limits small items', async () => {
    const small = pieces(new ContentBudget(8 * MB), 8 * 1024);
    const started = Array.from({ length: 100 }, () => small.start());
    await settled();
    expect(small.running).toBe(100);
    await finish(small, started);
  });

  test('lets a few large ones through at a time, once it has seen how large they are', async () => {
    const budget = new ContentBudget(8 * MB);
    const large = pieces(budget, 2 * MB);
    const first = Array.from({ length: 5 }, () => large.start());
    await settled();
    await finish(large, first);
    const later = pieces(budget, 2 * MB);
    await finish(
      later,
      Array.from({ length: 30 }, () => later.start()),
    );
    expect(later.most).toBeLessThanOrEqual(4);
    expect(later.most).toBeGreaterThanOrEqual(2);
  });

  test('lets one through that is larger than all of it', async () => {
    const budget = new ContentBudget(MB);
    const huge = pieces(budget, 50 * MB);
    for (let round = 0; round < 3; round += 1) {
      const started = [huge.start(), huge.start()];
      await settled();
      await finish(huge, started);
    }
    expect(huge.most).toBeLessThanOrEqual(2);
  });

  test('takes back the share of what failed', async () => {
    const budget = new ContentBudget(MB);
    const failing = () =>
      budget.hold(async (fetched) => {
        fetched(10 * MB);
        throw new Error('not stored');
      });
    for (let round = 0; round < 5; round += 1) await expect(failing()).rejects.toThrow('not stored');
    await expect(budget.hold(async () => 'stored')).resolves.toBe('stored');
  });
});
