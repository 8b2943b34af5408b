import type { Clock } from '@backhaul/domain';
import type { Lane } from '../lanes/lane.store.ts';
import type { WaitingReason } from '../runs/run-views.ts';
import type { AvailableTransporter } from '../transporters/fleet.ts';
import type { AttemptOnRecord, QueuedTask } from './backlog.store.ts';
export interface Choice {
  taskId: string;
  laneId: string;
  transporterId: string;
  boot: string;
  priority: number;
  task: QueuedTask;
}

/** INTERIM */
export class Scheduling {
  readonly #clock: Clock;
  #lanes = new Map<string, Lane>();
  #queued = new Map<string, QueuedTask & { dueMs: number; stamp: number }>();
  #running = new Map<string, { taskId: string; laneId: string; exclusiveKey: string; who: string }>();
  #fleet = new Map<string, AvailableTransporter>();
  #stamp = 0;
  constructor(clock: Clock, _ageingMs: number) {
    this.#clock = clock;
  }
  laneChanged(lane: Lane): void {
    this.#lanes.set(lane.laneId, lane);
  }
  queued(task: QueuedTask): void {
    if (this.#running.has(task.taskId)) return;
    this.#queued.set(task.taskId, { ...task, dueMs: this.#clock.monotonicMs() + task.pauseMs, stamp: ++this.#stamp });
  }
  running({ taskId, laneId, exclusiveKey, transporterId, boot }: AttemptOnRecord): void {
    this.#queued.delete(taskId);
    this.#running.set(taskId, { taskId, laneId, exclusiveKey, who: transporterId + boot });
  }
  ended(taskId: string): void {
    this.#queued.delete(taskId);
    this.#running.delete(taskId);
  }
  transporterAvailable(transporter: AvailableTransporter): void {
    this.#fleet.set(transporter.transporterId + transporter.boot, transporter);
  }
  transporterGone({ transporterId, boot }: { transporterId: string; boot: string }): void {
    this.#fleet.delete(transporterId + boot);
  }
  choose(max: number): Choice[] {
    const choices: Choice[] = [];
    const running = () => [...this.#running.values()];
    for (const task of [...this.#queued.values()].sort(
      (a, b) => (this.#lanes.get(a.laneId)?.priority ?? 9) - (this.#lanes.get(b.laneId)?.priority ?? 9),
    )) {
      const lane = this.#lanes.get(task.laneId);
      if (choices.length >= max) break;
      if (lane === undefined || lane.paused || task.dueMs > this.#clock.monotonicMs()) continue;
      if (lane.limit !== null && running().filter((r) => r.laneId === lane.laneId).length >= lane.limit) continue;
      if (running().some((r) => r.exclusiveKey === task.exclusiveKey)) continue;
      const free = [...this.#fleet.entries()].find(
        ([who, t]) => running().filter((r) => r.who === who).length < t.slots,
      );
      if (free === undefined) break;
      const { transporterId, boot } = free[1];
      const { taskId, laneId, exclusiveKey } = task;
      choices.push({ taskId, laneId, transporterId, boot, priority: lane.priority, task });
      this.#queued.delete(taskId);
      this.#running.set(taskId, { taskId, laneId, exclusiveKey, who: free[0] });
    }
    return choices;
  }
  explain(_taskId: string): WaitingReason | null {
    return null;
  }
  now(): number {
    return this.#stamp;
  }
  forgetOthers(laneIds: string[] | null, queued: Set<string>, asOf: number): void {
    for (const [taskId, task] of this.#queued) {
      if ((laneIds === null || laneIds.includes(task.laneId)) && !queued.has(taskId) && task.stamp <= asOf)
        this.#queued.delete(taskId);
    }
  }
  laneIds(): string[] {
    return [...new Set([...this.#queued.values(), ...this.#running.values()].map((t) => t.laneId))];
  }
  openTasks(laneId: string): number {
    return [...this.#queued.values(), ...this.#running.values()].filter((t) => t.laneId === laneId).length;
  }
}
