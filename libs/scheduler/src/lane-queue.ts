import { type BacklogTask, waitsLonger } from './backlog-task.ts';
import type { Demand } from './demand.ts';
import { IndexedHeap } from './indexed-heap.ts';
import type { Lane } from './words.ts';

/** Runnable tasks of a lane that ask the same of a Transporter; usually a lane has one such group. */
export interface DemandGroup {
  demand: Demand;
  tasks: IndexedHeap<BacklogTask>;
}

/** One lane: its settings, how many of its tasks run, who waits, and of those the runnable ones, longest waiting first. */
export class LaneQueue {
  /** Undefined while only tasks of it are known: then nothing of it starts. */
  lane: Lane | undefined;
  running = 0;
  /** All its queued tasks, runnable or not. */
  readonly waiting = new Set<BacklogTask>();
  readonly #groups = new Map<string, DemandGroup>();

  get isOpen(): boolean {
    const { lane } = this;
    return lane !== undefined && !lane.paused && (lane.limit === null || this.running < lane.limit);
  }

  /** Its runnable tasks, by what they ask of a Transporter. No group is empty. */
  groups(): Iterable<DemandGroup> {
    return this.#groups.values();
  }

  /** Since when its longest waiting runnable task waits; undefined without any. */
  get waitingSinceMs(): number | undefined {
    let since: number | undefined;
    for (const { tasks } of this.#groups.values()) {
      const first = tasks.first;
      if (first !== undefined && (since === undefined || first.queuedAtMs < since)) since = first.queuedAtMs;
    }
    return since;
  }

  /** The task has become runnable: due, and its object free. */
  addRunnable(task: BacklogTask): void {
    const { demand } = task;
    let group = this.#groups.get(demand.key);
    if (group === undefined) {
      group = { demand, tasks: new IndexedHeap(waitsLonger) };
      this.#groups.set(demand.key, group);
    }
    group.tasks.add(task);
  }

  removeRunnable(task: BacklogTask): void {
    const group = this.#groups.get(task.demand.key);
    if (group === undefined || !group.tasks.remove(task)) return;
    if (group.tasks.size === 0) this.#groups.delete(task.demand.key);
  }
}
