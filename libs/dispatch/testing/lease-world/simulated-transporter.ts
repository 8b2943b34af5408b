import {
  claimLease,
  claimOf,
  holdLease,
  leaseKeyOf,
  type HeldLease,
  type LeaseStore,
  type Offer,
} from '../../src/index.ts';
import type { GrantBook } from './grant-book.ts';
import { leaseKeysOf, type SimulatedProcess } from './simulated-process.ts';
import type { Chance } from './chance.ts';
import type { WorkLog } from './work-log.ts';

export interface TransporterWorld {
  store: LeaseStore;
  book: GrantBook;
  log: WorkLog;
  chance: Chance;
  leaseTimeMs: number;
  /** Leaves out a rule, to see that the world notices. */
  weaken: Weakening | null;
}

export type Weakening = 'holder-ignores-its-deadline' | 'director-believes-silence-of-a-third';

const LOOK_MS = 250;

/** Takes one offer through the protocol, with work that does nothing but be at work. */
export async function takeOffer(offer: Offer, process: SimulatedProcess, world: TransporterWorld): Promise<void> {
  const { clock } = process;
  await process.running();
  const leases = leaseKeysOf(process, world.store);
  const never = new AbortController().signal;
  const claim = await claimLease(offer, clock.monotonicMs(), { leases, clock, signal: never });
  if (claim.outcome !== 'claimed') return;
  const lease = holdLease({
    leases,
    clock,
    key: leaseKeyOf(offer),
    value: claimOf(offer),
    revision: claim.revision,
    sentAtMs: claim.sentAtMs,
    leaseTimeMs: world.leaseTimeMs,
  });
  try {
    if (await mayStart(offer, process, world)) await work(offer, lease, process, world);
  } catch {
    // The lease is lost, or the Director could not be asked: nothing is done any more.
  } finally {
    lease.end();
  }
}

async function mayStart(offer: Offer, process: SimulatedProcess, { book }: TransporterWorld): Promise<boolean> {
  return process.askOver(async () => book.isRunning(offer.fence));
}

async function work(offer: Offer, lease: HeldLease, process: SimulatedProcess, world: TransporterWorld): Promise<void> {
  const { book, log, chance, weaken } = world;
  const check = () => {
    if (weaken !== 'holder-ignores-its-deadline') lease.check();
    log.worked(offer.slot, offer.fence, process.clock.monotonicMs());
  };
  const untilMs = process.clock.monotonicMs() + chance.between(1_000, 120_000);
  while (process.clock.monotonicMs() < untilMs && !lease.cancelRequested) {
    check();
    await process.clock.sleep(LOOK_MS);
  }
  check();
  for (;;) {
    const isReported = await process
      .askOver(async () => book.end(offer.fence, 'accepted'))
      .then(
        () => true,
        () => false,
      );
    if (isReported) return;
    lease.check();
  }
}
