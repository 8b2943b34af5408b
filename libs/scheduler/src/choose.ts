import type { BacklogTask } from './backlog-task.ts';
import type { Demand } from './demand.ts';
import type { Fleet } from './fleet.ts';
import type { LaneQueue } from './lane-queue.ts';
import { compareRanks, effectivePriority, type Rank, shareInUse } from './rank.ts';

/** How the lane stands now; undefined when its settings are not known or nothing of it is runnable. */
export function laneStanding(
  queue: LaneQueue,
  nowMs: number,
  ageingMsPerLevel: number,
): Pick<Rank, 'effectivePriority' | 'shareInUse'> | undefined {
  const { lane, waitingSinceMs } = queue;
  if (lane === undefined || waitingSinceMs === undefined) return undefined;
  return {
    effectivePriority: effectivePriority(lane.priority, nowMs - waitingSinceMs, ageingMsPerLevel),
    shareInUse: shareInUse(queue.running, lane.limit),
  };
}

/**
 * The task that starts next and where, or undefined. It looks at the first task of each lane and demand only; how many
 * tasks wait behind does not matter. A task that needs a Transporter for itself keeps one clear for it, which tasks that
 * rank lower cannot use.
 */
export function chooseNext(
  lanes: Iterable<LaneQueue>,
  fleet: Fleet,
  nowMs: number,
  ageingMsPerLevel: number,
): { task: BacklogTask; transporterId: string } | undefined {
  if (!fleet.hasFreeSlot()) return undefined;
  const open = [...lanes].filter((queue) => queue.isOpen);
  const keptClear = new Set<string>();
  const served = new Set<string>();
  for (;;) {
    const places = new Places(fleet, keptClear, served);
    const best = firstInRank(open, places, nowMs, ageingMsPerLevel);
    if (best === undefined) return undefined;
    const { demand } = best;
    const transporterId = places.toStart(demand);
    if (transporterId !== undefined) return { task: best, transporterId };
    const toClear = places.toKeepClear(demand);
    if (toClear !== undefined) keptClear.add(toClear);
    served.add(demand.key);
  }
}

/** The best ranked first task of all lanes and demands for which there is a place. */
function firstInRank(
  lanes: LaneQueue[],
  places: Places,
  nowMs: number,
  ageingMsPerLevel: number,
): BacklogTask | undefined {
  let best: { task: BacklogTask; rank: Rank } | undefined;
  for (const queue of lanes) {
    const standing = laneStanding(queue, nowMs, ageingMsPerLevel);
    if (standing === undefined) continue;
    for (const { demand, tasks } of queue.groups()) {
      const task = tasks.first;
      if (task === undefined) continue;
      const rank = { ...standing, queuedAtMs: task.queuedAtMs, sequence: task.sequence };
      if ((best === undefined || compareRanks(rank, best.rank) < 0) && places.isAny(demand)) best = { task, rank };
    }
  }
  return best?.task;
}

/** Answers of the fleet for one look at all lanes, each asked for once. */
class Places {
  readonly #fleet: Fleet;
  readonly #keptClear: ReadonlySet<string>;
  readonly #served: ReadonlySet<string>;
  readonly #toStart = new Map<string, string | undefined>();

  constructor(fleet: Fleet, keptClear: ReadonlySet<string>, served: ReadonlySet<string>) {
    this.#fleet = fleet;
    this.#keptClear = keptClear;
    this.#served = served;
  }

  /** Whether there is a place to start, or one to keep clear. */
  isAny(demand: Demand): boolean {
    if (this.#served.has(demand.key)) return false;
    return this.toStart(demand) !== undefined || this.toKeepClear(demand) !== undefined;
  }

  toStart(demand: Demand): string | undefined {
    if (this.#toStart.has(demand.key)) return this.#toStart.get(demand.key);
    const transporterId = this.#fleet.bestFor(demand, this.#keptClear);
    this.#toStart.set(demand.key, transporterId);
    return transporterId;
  }

  toKeepClear(demand: Demand): string | undefined {
    return demand.alone ? this.#fleet.toKeepClearFor(demand, this.#keptClear) : undefined;
  }
}
