import type { Clock } from '@backhaul/domain';
import { describeWait, Scheduler } from '@backhaul/scheduler';
import type { Lane } from '../lanes/lane.store.ts';
import type { WaitingReason } from '../runs/run-views.ts';
import type { AvailableTransporter } from '../transporters/fleet.ts';
import type { AttemptOnRecord, QueuedTask } from './backlog.store.ts';

/** A task shall start on one process start of a Transporter. */
export interface Choice {
  taskId: string;
  laneId: string;
  transporterId: string;
  boot: string;
  /** The lane's effective priority at the choice. */
  priority: number;
  task: QueuedTask;
}

/** A task that was lost this often seems to kill its Transporter; it runs alone from then on. */
const ALONE_AFTER_LOSSES = 3;

type ProcessStart = Pick<AvailableTransporter, 'transporterId' | 'boot'>;

/**
 * The scheduler in the dispatcher's words: spans become times of the process's monotonic clock, a process start of a
 * Transporter is what the scheduler calls a Transporter, and it is remembered which tasks of which lanes are known, so
 * that they can be compared with the database.
 */
export class Scheduling {
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  /** Tasks that wait, with the number of the event that queued them last. */
  readonly #queued = new Map<string, { task: QueuedTask; stamp: number }>();
  /** Lanes of the tasks that run. */
  readonly #running = new Map<string, string>();
  readonly #starts = new Map<string, ProcessStart>();
  #stamp = 0;

  constructor(clock: Clock, ageingMsPerLevel: number) {
    this.#clock = clock;
    this.#scheduler = new Scheduler({ ageingMsPerLevel });
  }

  laneChanged(lane: Lane): void {
    this.#scheduler.laneChanged(lane);
  }

  /** A task waits. Changes nothing while it runs: the row was read before its grant. */
  queued(task: QueuedTask): void {
    if (this.#running.has(task.taskId)) return;
    const nowMs = this.#clock.monotonicMs();
    this.#stamp += 1;
    this.#queued.set(task.taskId, { task, stamp: this.#stamp });
    this.#scheduler.taskQueued({
      taskId: task.taskId,
      laneId: task.laneId,
      objectKey: task.exclusiveKey,
      repositoryId: task.repositoryId,
      queuedAtMs: nowMs - task.waitedMs,
      ...(task.pauseMs > 0 ? { notBeforeMs: nowMs + task.pauseMs } : {}),
      alone: runsAlone(task),
    });
  }

  /** An attempt runs that was not chosen here, or is confirmed. */
  running(attempt: AttemptOnRecord): void {
    this.#queued.delete(attempt.taskId);
    this.#running.set(attempt.taskId, attempt.laneId);
    this.#scheduler.taskStarted({
      taskId: attempt.taskId,
      laneId: attempt.laneId,
      objectKey: attempt.exclusiveKey,
      transporterId: nameOf(attempt),
      alone: runsAlone(attempt),
    });
  }

  /** The task neither runs nor waits any more; if it is to be tried again, it is queued afterwards. */
  ended(taskId: string): void {
    this.#queued.delete(taskId);
    this.#running.delete(taskId);
    this.#scheduler.taskEnded(taskId);
    this.#scheduler.taskRemoved(taskId);
  }

  transporterAvailable(transporter: AvailableTransporter): void {
    const name = nameOf(transporter);
    this.#starts.set(name, { transporterId: transporter.transporterId, boot: transporter.boot });
    this.#scheduler.transporterChanged({
      transporterId: name,
      capacity: transporter.slots,
      // What runs there is known from the database; the Transporter's own count would lag behind it and never binds.
      freeSlots: Number.MAX_SAFE_INTEGER,
      repositories: transporter.repositories,
      draining: false,
    });
  }

  transporterGone(transporter: ProcessStart): void {
    const name = nameOf(transporter);
    this.#starts.delete(name);
    this.#scheduler.transporterGone(name);
  }

  /** Up to `max` tasks to start now, best first; they count as running from here on. */
  choose(max: number): Choice[] {
    const nowMs = this.#clock.monotonicMs();
    return this.#scheduler.choose(nowMs, max).flatMap(({ taskId, laneId, transporterId: name }) => {
      const start = this.#starts.get(name);
      const queued = this.#queued.get(taskId);
      if (start === undefined || queued === undefined) throw new Error(`A choice of what is not known: ${taskId}.`);
      this.#queued.delete(taskId);
      this.#running.set(taskId, laneId);
      const priority = this.#scheduler.effectivePriority(laneId, nowMs) ?? 0;
      return { taskId, laneId, ...start, priority, task: queued.task };
    });
  }

  /** Why a task waits, for people; null for one that is not known here or does not wait. */
  explain(taskId: string): WaitingReason | null {
    const nowMs = this.#clock.monotonicMs();
    const wait = this.#scheduler.explain(taskId, nowMs);
    if (wait.reason === 'unknown-task' || wait.reason === 'running') return null;
    return { code: wait.reason, message: describeWait(wait, nowMs) };
  }

  /** A point in the order of events, for {@link forgetOthers}. */
  now(): number {
    return this.#stamp;
  }

  /** Forgets waiting tasks of some lanes (null: of all) that are not among `queued` and were not queued since `asOf`. */
  forgetOthers(laneIds: string[] | null, queued: ReadonlySet<string>, asOf: number): void {
    for (const [taskId, { task, stamp }] of this.#queued) {
      const concerned = laneIds === null || laneIds.includes(task.laneId);
      if (concerned && !queued.has(taskId) && stamp <= asOf) this.ended(taskId);
    }
  }

  /** Lanes of which a task waits or runs. */
  laneIds(): string[] {
    return [...new Set([...[...this.#queued.values()].map(({ task }) => task.laneId), ...this.#running.values()])];
  }

  /** How many tasks of a lane wait or run. */
  openTasks(laneId: string): number {
    const { queued, running } = this.#scheduler.laneCounts(laneId);
    return queued + running;
  }
}

function runsAlone({ losses }: { losses: number }): boolean {
  return losses >= ALONE_AFTER_LOSSES;
}

/** A process start as the scheduler names it: what ran on an earlier one does not occupy this one. */
function nameOf({ transporterId, boot }: ProcessStart): string {
  return `${transporterId}/${boot}`;
}
