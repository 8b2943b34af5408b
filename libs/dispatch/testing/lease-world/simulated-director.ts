import {
  leaseWatch,
  placeCancelMark,
  reserveSlot,
  takeBackOffer,
  UNCLAIMED_AFTER_MS,
  type LeaseStore,
  type LeaseWatch,
  type Offer,
} from '../../src/index.ts';
import { offer, taskSpec } from '../builders.ts';
import type { Grant, GrantBook } from './grant-book.ts';
import { leaseStoreOf, type SimulatedProcess } from './simulated-process.ts';

export interface DirectorWorld {
  store: LeaseStore;
  book: GrantBook;
  slots: number;
  /** Lease time by which it judges; shorter than the true one in a weakened world. */
  judgedLeaseTimeMs: number;
  /** Which process start gets the next offer. */
  choose(): { transporterId: string; boot: string };
  deliver(offer: Offer): void;
  directorId: string;
}

export const LANE = 'lane-1';
const LOOK_MS = 500;

/** One process start of a dispatching Director: grants every free slot, for ever. */
export async function direct(process: SimulatedProcess, world: DirectorWorld): Promise<void> {
  const { book, slots } = world;
  const { clock } = process;
  const leases = leaseStoreOf(process, world.store);
  const keyOf = (slot: number) => ({ laneId: LANE, slot });
  const watch = leaseWatch({
    leases,
    clock,
    leaseTimeMs: world.judgedLeaseTimeMs,
    directorId: world.directorId,
    onWrite(key, value, revision) {
      if (value.state !== 'claimed' || book.isRunning(value.fence)) return;
      void placeCancelMark({ leases, key, fence: value.fence, lastSeen: { value, revision } }).catch(() => undefined);
    },
  });
  void watch.run(new AbortController().signal);
  await watch.ready;

  for (;;) {
    for (let slot = 0; slot < slots; slot += 1) {
      const grant = book.running(slot);
      const step = grant === null ? fill(slot) : lookAfter(grant);
      await step.catch(() => undefined);
    }
    await clock.sleep(LOOK_MS);
  }

  async function fill(slot: number): Promise<void> {
    const { transporterId, boot } = world.choose();
    const grant = book.grant(slot, transporterId, boot, clock.monotonicMs());
    const reservation = await reserveSlot({
      leases,
      key: keyOf(slot),
      reservation: reservationOf(grant),
      knownRevision: watch.knownRevision(keyOf(slot)),
      isRunning: (fence) => book.isRunning(fence),
    });
    if (!reservation.reserved) return;
    grant.reservation = reservation.revision;
    world.deliver(
      offer({
        spec: taskSpec({ laneId: LANE, taskId: taskOf(grant) }),
        ...{ fence: grant.fence, slot, leaseRevision: reservation.revision, transporterId, boot },
      }),
    );
  }

  async function lookAfter(grant: Grant): Promise<void> {
    const key = keyOf(grant.slot);
    if (grant.cancelWanted) await placeCancelMark({ leases, key, fence: grant.fence, lastSeen: watch.lastSeen(key) });
    if (isUnclaimed(grant, watch) && grant.reservation !== null) {
      const takeBack = { leases, key, reservation: reservationOf(grant), revision: grant.reservation };
      if ((await takeBackOffer(takeBack)) === 'taken-back') book.end(grant.fence, 'taken-back');
    }
    if (await watch.isLost({ fence: grant.fence, key })) book.end(grant.fence, 'lost');
  }

  function isUnclaimed(grant: Grant, seen: LeaseWatch): boolean {
    const { value } = seen.lastSeen(keyOf(grant.slot)) ?? {};
    if (value?.fence === grant.fence && value.state === 'released') return true;
    const wasClaimed = value?.fence === grant.fence && value.state !== 'reserved';
    return !wasClaimed && clock.monotonicMs() - grant.grantedAtMs > UNCLAIMED_AFTER_MS;
  }
}

function reservationOf(grant: Grant) {
  const { fence, transporterId, boot } = grant;
  return { fence, taskId: taskOf(grant), transporterId, boot };
}

function taskOf({ fence }: Grant): string {
  return `task-${fence}`;
}
