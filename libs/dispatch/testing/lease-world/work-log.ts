import type { Fence } from '@backhaul/domain';

/** Notes every instant at which a holder passed its check, and finds two holders of one slot. */
export interface WorkLog {
  /** A holder has passed `lease.check()` and does something now. */
  worked(slot: number, fence: Fence, atMs: number): void;
  readonly violations: string[];
  /** How many instants of work there were: a test that saw none proves nothing. */
  readonly instants: number;
}

export function workLog(): WorkLog {
  const newest = new Map<number, { fence: Fence; sinceMs: number }>();
  const violations: string[] = [];
  let instants = 0;
  return {
    worked(slot, fence, atMs) {
      instants += 1;
      const holder = newest.get(slot);
      // Fences rise: work for an older one after a newer one has begun means that both held the slot.
      if (holder === undefined || fence > holder.fence) newest.set(slot, { fence, sinceMs: atMs });
      else if (fence < holder.fence) {
        violations.push(`slot ${slot}: ${fence} at work at ${atMs} ms, ${holder.fence} since ${holder.sinceMs} ms`);
      }
    },
    violations,
    get instants() {
      return instants;
    },
  };
}
