import { setTimeout as sleep } from 'node:timers/promises';
import type { SeededRandom } from '@backhaul/repository/testing';
import type { System } from '../../src/system/start-system.ts';
import { until } from './until.ts';
import type { Victim } from './victims.ts';

/** When a victim is killed, and for how long it stays away. */
export interface Moment {
  /** After so many requests to the tenant, counted from the start of the work: the same on a fast and on a slow machine. */
  afterRequests: number;
  downMs: number;
}

/** A moment inside the work: not in its first and not in its last tenth. */
export function drawMoment(random: SeededRandom, work: { requests: number }, longestDownMs: number): Moment {
  const share = 0.1 + 0.8 * (random.below(1000) / 1000);
  return { afterRequests: Math.ceil(share * work.requests), downMs: random.below(longestDownMs) };
}

/**
 * Waits for the moment, kills, and starts again. `since`: where the work begins in the tenant's log. Resolves with the
 * number of requests that had been made when the victim was gone.
 */
export async function strike(
  system: System,
  victim: Victim,
  { afterRequests, downMs }: Moment,
  since: number,
): Promise<number> {
  const requests = async () => (await system.control.logSummary({ since })).requests;
  await until(`${afterRequests} requests have been made`, async () => (await requests()) >= afterRequests);
  await victim.kill();
  const made = await requests();
  await sleep(downMs);
  await victim.start();
  return made;
}
