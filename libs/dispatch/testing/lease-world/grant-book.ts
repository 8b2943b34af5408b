import type { Fence } from '@backhaul/domain';

/** What PostgreSQL knows in this world: which fence runs in which slot, and what was accepted. It never fails and is never wrong. */
export interface Grant {
  fence: Fence;
  slot: number;
  transporterId: string;
  boot: string;
  grantedAtMs: number;
  /** Revision of the reservation that was offered, once there is one. */
  reservation: number | null;
  cancelWanted: boolean;
}

export interface GrantBook {
  running(slot: number): Grant | null;
  isRunning(fence: Fence): boolean;
  /** @throws when the slot is taken: the partial unique index. */
  grant(slot: number, transporterId: string, boot: string, nowMs: number): Grant;
  /** Ends an attempt; false when the fence does not run (any more). */
  end(fence: Fence, how: 'accepted' | 'lost' | 'taken-back'): boolean;
  /** How many attempts ended how. */
  readonly ended: Record<'accepted' | 'lost' | 'taken-back', number>;
}

export function grantBook(): GrantBook {
  const bySlot = new Map<number, Grant>();
  const ended = { accepted: 0, lost: 0, 'taken-back': 0 };
  let lastFence = 0;
  const find = (fence: Fence) => [...bySlot.values()].find((grant) => grant.fence === fence);
  return {
    ended,
    running: (slot) => bySlot.get(slot) ?? null,
    isRunning: (fence) => find(fence) !== undefined,
    grant(slot, transporterId, boot, nowMs) {
      if (bySlot.has(slot)) throw new Error(`Slot ${slot} is taken.`);
      lastFence += 1;
      const grant: Grant = {
        ...{ fence: lastFence, slot, transporterId, boot, grantedAtMs: nowMs },
        reservation: null,
        cancelWanted: false,
      };
      bySlot.set(slot, grant);
      return grant;
    },
    end(fence, how) {
      const grant = find(fence);
      if (grant === undefined) return false;
      bySlot.delete(grant.slot);
      ended[how] += 1;
      return true;
    },
  };
}
