import { afterAll, describe, expect, test } from '@jest/globals';
import { liveThrough } from '../testing/lease-world/lease-world.ts';
import type { Weakening } from '../testing/lease-world/simulated-transporter.ts';

/**
 * Lives through worlds in virtual time. A seed repeats its life exactly: `SEED=<n>` runs one alone, `SEEDS=<count>` more.
 */
const only = process.env['SEED'];
const seeds = only ? [Number(only)] : Array.from({ length: Number(process.env['SEEDS'] ?? 40) }, (_, n) => n + 1);
const MINUTES = 20;

describe(`whatever happens, a slot never has two holders at work`, () => {
  const seen: Record<string, number> = {};

  test.each(seeds)('seed %d', async (seed) => {
    const { violations, ended, misfortunes, instants } = await liveThrough({ seed, minutes: MINUTES });
    for (const [name, count] of Object.entries({ ...misfortunes, ...ended, instants })) {
      seen[name] = (seen[name] ?? 0) + count;
    }
    expect({ seed, violations }).toEqual({ seed, violations: [] });
    expect(ended.accepted).toBeGreaterThan(0);
  });

  afterAll(() => {
    console.log(`Lease rules, ${seeds.length} seeds of ${MINUTES} minutes: ${JSON.stringify(seen)}`);
  });
});

describe('the world would notice', () => {
  test.each<Weakening>(['holder-ignores-its-deadline', 'director-believes-silence-of-a-third'])(
    'a %s',
    async (weaken) => {
      for (let seed = 1; seed <= 60; seed += 1) {
        const { violations } = await liveThrough({ seed, minutes: MINUTES, weaken });
        if (violations.length > 0) return;
      }
      throw new Error('It was not noticed.');
    },
  );

  test('that a seed does not repeat its life', async () => {
    const [one, other] = [await liveThrough({ seed: 5, minutes: 5 }), await liveThrough({ seed: 5, minutes: 5 })];
    expect(one).toEqual(other);
  });
});
