import { FakeClock } from '@backhaul/domain/testing';
import { dispatchNames, type Offer } from '../../src/index.ts';
import { memoryLeaseStore } from '../../src/memory/leases.ts';
import { chance } from './chance.ts';
import { grantBook } from './grant-book.ts';
import { direct } from './simulated-director.ts';
import { simulatedProcess, type SimulatedProcess } from './simulated-process.ts';
import { takeOffer, type TransporterWorld, type Weakening } from './simulated-transporter.ts';
import { workLog } from './work-log.ts';

/**
 * A world of one Director, three Transporters and one store of leases in virtual time, in which everything happens that may
 * happen: crashes, freezes of up to 3.5 lease times, delayed, repeated and lost messages, a store that is wiped (noticed or
 * not) or whose clock steps. The protocol in it is the product's own.
 */
export interface WorldOptions {
  seed: number;
  /** How long it is lived through, in virtual minutes. */
  minutes: number;
  weaken?: Weakening;
}

/** What was seen. */
export interface WorldReport {
  /** Two holders of one slot, described; must be empty. */
  violations: string[];
  /** Instants at which somebody was at work. */
  instants: number;
  ended: Record<'accepted' | 'lost' | 'taken-back', number>;
  /** How often each misfortune happened. */
  misfortunes: Record<string, number>;
}

const LEASE_TIME_MS = 30_000;
const SLOTS = 3;
const STEP_MS = 500;
const TRANSPORTERS = ['north', 'south', 'west'];

interface Boot {
  transporterId: string;
  boot: string;
  process: SimulatedProcess;
  taken: Set<number>;
}

/** Lives through a world. The same seed gives the same life. */
export async function liveThrough({ seed, minutes, weaken }: WorldOptions): Promise<WorldReport> {
  const clock = new FakeClock();
  const dice = chance(seed);
  const log = workLog();
  const book = grantBook();
  const misfortunes: Record<string, number> = {};
  let serverClockStepMs = 0;
  const serverClock = {
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs() + serverClockStepMs,
    sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms, signal),
  };
  const store = memoryLeaseStore(dispatchNames('world'), serverClock, LEASE_TIME_MS);
  const world: TransporterWorld = {
    ...{ store, book, log, chance: dice, leaseTimeMs: LEASE_TIME_MS },
    weaken: weaken ?? null,
  };

  let boots = 0;
  const start = (transporterId: string): Boot => {
    boots += 1;
    return {
      transporterId,
      boot: `boot-${boots}`,
      process: simulatedProcess({ clock, chance: dice }),
      taken: new Set(),
    };
  };
  const transporters = TRANSPORTERS.map(start);

  const deliver = (offer: Offer) => {
    const addressee = transporters.find(({ boot }) => boot === offer.boot);
    if (addressee === undefined || dice.happens(0.03)) return;
    const lateMs = () => (dice.happens(0.1) ? dice.between(1_000, 20_000) : dice.between(0, 50));
    for (let copies = dice.happens(0.3) ? 2 : 1; copies > 0; copies -= 1) {
      void clock.sleep(lateMs()).then(async () => {
        await addressee.process.running();
        if (addressee.taken.has(offer.fence)) return;
        addressee.taken.add(offer.fence);
        await takeOffer(offer, addressee.process, world);
      });
    }
  };

  let directors = 0;
  const startDirector = (): SimulatedProcess => {
    directors += 1;
    const process = simulatedProcess({ clock, chance: dice });
    void direct(process, {
      ...{ store, book, slots: SLOTS, deliver, directorId: `director-${directors}` },
      judgedLeaseTimeMs: weaken === 'director-believes-silence-of-a-third' ? LEASE_TIME_MS / 3 : LEASE_TIME_MS,
      choose: () => dice.oneOf(transporters),
    });
    return process;
  };
  let director = startDirector();

  const freezeFor = (process: SimulatedProcess) => {
    if (process.isFrozen) return;
    process.freeze();
    void clock.sleep(dice.between(500, 3.5 * LEASE_TIME_MS)).then(() => process.wake());
  };

  /** What can go wrong, and how likely it is in each half second. */
  const misfortune: [name: string, likelihood: number, happen: () => void][] = [
    [
      'transporter killed',
      0.004,
      () => {
        const index = dice.between(0, transporters.length - 1);
        transporters[index]!.process.kill();
        transporters[index] = start(TRANSPORTERS[index]!);
      },
    ],
    ['transporter frozen', 0.02, () => freezeFor(dice.oneOf(transporters).process)],
    ['director frozen', 0.004, () => freezeFor(director)],
    [
      'director killed',
      0.002,
      () => {
        director.kill();
        director = startDirector();
      },
    ],
    ['store wiped', 0.002, () => store.wipe()],
    [
      'store wiped unnoticed',
      0.001,
      () => {
        store.silenceWatches();
        store.wipe();
      },
    ],
    ['watch silent', 0.002, () => store.silenceWatches()],
    ["server's clock stepped", 0.002, () => (serverClockStepMs += dice.between(-20_000, 40_000))],
    [
      'cancel wanted',
      0.01,
      () => {
        const grant = book.running(dice.between(0, SLOTS - 1));
        if (grant !== null) grant.cancelWanted = true;
      },
    ],
  ];

  const stepCount = (minutes * 60_000) / STEP_MS;
  for (let step = 0; step < stepCount; step += 1) {
    for (const [name, likelihood, happen] of misfortune) {
      if (!dice.happens(likelihood)) continue;
      misfortunes[name] = (misfortunes[name] ?? 0) + 1;
      happen();
    }
    await clock.advance(STEP_MS);
  }
  return { violations: log.violations, instants: log.instants, ended: { ...book.ended }, misfortunes };
}
