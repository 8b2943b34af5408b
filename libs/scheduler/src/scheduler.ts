import { RESTORE_PRIORITY } from '@backhaul/domain';
import type { BacklogTask } from './backlog-task.ts';
import { Backlog, type TaskAtWork } from './backlog.ts';
import { chooseNext, laneStanding } from './choose.ts';
import { Fleet } from './fleet.ts';
import { effectivePriority } from './rank.ts';
import type { WaitReason } from './wait-reason.ts';
import type { Choice, Lane, QueuedTask, RunningTask, Transporter } from './words.ts';

export interface SchedulerOptions {
  /**
   * Waiting this long raises a lane's effective priority by one level, never past 1. Milliseconds; 0 switches it off.
   * Default: one hour.
   */
  ageingMsPerLevel?: number;
}

const DEFAULT_AGEING_MS_PER_LEVEL = 3_600_000;

/**
 * Which task starts next, and where. A pure data structure: events go in, choices come out; it does no I/O and has no
 * clock. All times are milliseconds on one clock of the caller's; where that clock steps back, the scheduler's stands
 * still. Events may repeat and may concern what it does not know: then they change nothing.
 *
 * Order: best effective priority, then fair share (fewest running relative to the lane's limit), then longest waiting;
 * among the Transporters that match, the least loaded. Never more than a lane's limit, never two tasks on one object,
 * never on a Transporter without a free slot.
 */
export class Scheduler {
  readonly #backlog = new Backlog();
  readonly #fleet = new Fleet();
  readonly #ageingMsPerLevel: number;
  #nowMs = 0;

  constructor(options: SchedulerOptions = {}) {
    this.#ageingMsPerLevel = options.ageingMsPerLevel ?? DEFAULT_AGEING_MS_PER_LEVEL;
  }

  /** A lane is new, or its priority, limit or pause has changed. In effect from the next choice on. */
  laneChanged(lane: Lane): void {
    this.#backlog.laneChanged(lane);
  }

  /** A lane has ended: its queued tasks are forgotten; what still runs counts until it ends. */
  laneRemoved(laneId: string): void {
    this.#backlog.laneRemoved(laneId);
  }

  /**
   * A task waits, or waits under other conditions. Changes nothing while the task runs (an old list may be read after the
   * choice): report its end first. Its lane may become known later.
   */
  taskQueued(task: QueuedTask): void {
    if (this.#backlog.running(task.taskId) === undefined) this.#backlog.enqueue(task);
  }

  /** A queued task is not to be done any more. */
  taskRemoved(taskId: string): void {
    const task = this.#backlog.queued(taskId);
    if (task !== undefined) this.#backlog.dequeue(task);
  }

  /** A task runs that this scheduler did not choose (found running at start), or runs elsewhere than it chose. */
  taskStarted(task: RunningTask): void {
    const running = this.#backlog.running(task.taskId);
    if (running?.transporterId === task.transporterId && running.laneId === task.laneId) return;
    if (running !== undefined) this.#end(running);
    this.taskRemoved(task.taskId);
    this.#begin(task);
  }

  /** A running task has ended, in whatever way. If it is to be tried again, report it as queued afterwards. */
  taskEnded(taskId: string): void {
    const running = this.#backlog.running(taskId);
    if (running !== undefined) this.#end(running);
  }

  /** A choice did not come about (the grant was refused): the task waits again as it did before. */
  putBack(taskId: string): void {
    const running = this.#backlog.running(taskId);
    if (running?.origin === undefined) return;
    this.#backlog.end(running);
    this.#fleet.takenBack(running.transporterId, running.alone ?? false, running.report);
    this.#backlog.putBack(running.origin);
  }

  /** A Transporter is there, or described itself anew. Its account of free slots counts as of now. */
  transporterChanged(transporter: Transporter): void {
    this.#fleet.changed(transporter);
  }

  /** Nothing is chosen for it any more. What ran on it counts as running until it is reported to have ended. */
  transporterGone(transporterId: string): void {
    this.#fleet.gone(transporterId);
  }

  /**
   * Up to `max` tasks to start now, best first. They count as running from here on: report `taskEnded`, or `putBack` if
   * it does not come about.
   */
  choose(nowMs: number, max: number): Choice[] {
    const now = this.#advance(nowMs);
    const choices: Choice[] = [];
    while (choices.length < max) {
      const next = chooseNext(this.#backlog.lanes(), this.#fleet, now, this.#ageingMsPerLevel);
      if (next === undefined) break;
      const { task, transporterId } = next;
      const { taskId, laneId, objectKey } = task;
      this.#backlog.dequeue(task);
      this.#begin({ taskId, laneId, objectKey, transporterId, alone: task.demand.alone, origin: task });
      choices.push({ taskId, laneId, transporterId });
    }
    return choices;
  }

  /** The next task to start now, as `choose` with one. */
  next(nowMs: number): Choice | null {
    return this.choose(nowMs, 1)[0] ?? null;
  }

  /** When a waiting task becomes due, so that it is worth choosing again; null when only events can change anything. */
  nextDueMs(): number | null {
    return this.#backlog.nextDueMs ?? null;
  }

  /** Running backups on whose object a restore waits that could start otherwise: they are to stop at a safe point. */
  shouldYield(nowMs: number): string[] {
    this.#advance(nowMs);
    const isRestore = (laneId: string) => this.#backlog.lane(laneId)?.lane?.priority === RESTORE_PRIORITY;
    const presses = (task: BacklogTask) =>
      task.isDue && isRestore(task.laneId) && (this.#backlog.lane(task.laneId)?.isOpen ?? false);
    return [...this.#backlog.allRunning()]
      .filter((running) => !isRestore(running.laneId))
      .filter((running) => [...this.#backlog.objects.waitingFor(running.objectKey)].some(presses))
      .map(({ taskId }) => taskId);
  }

  /** A lane's priority as it counts now; null when the lane is not known. */
  effectivePriority(laneId: string, nowMs: number): number | null {
    const now = this.#advance(nowMs);
    const queue = this.#backlog.lane(laneId);
    if (queue?.lane === undefined) return null;
    const waitedMs = queue.waitingSinceMs === undefined ? 0 : now - queue.waitingSinceMs;
    return effectivePriority(queue.lane.priority, waitedMs, this.#ageingMsPerLevel);
  }

  /** How many tasks of a lane wait and run. */
  laneCounts(laneId: string): { queued: number; running: number } {
    const queue = this.#backlog.lane(laneId);
    return { queued: queue?.waiting.size ?? 0, running: queue?.running ?? 0 };
  }

  /** Why a task has not started, by what would be chosen now. Changes nothing. */
  explain(taskId: string, nowMs: number): WaitReason {
    const now = this.#advance(nowMs);
    const running = this.#backlog.running(taskId);
    if (running !== undefined) return { reason: 'running', transporterId: running.transporterId };
    const task = this.#backlog.queued(taskId);
    if (task === undefined) return { reason: 'unknown-task' };
    return this.#obstacle(task) ?? this.#competition(task, now);
  }

  /** What keeps the task from starting whatever else waits. */
  #obstacle(task: BacklogTask): WaitReason | undefined {
    if (!task.isDue) return { reason: 'not-before', untilMs: task.notBeforeMs ?? 0 };
    const occupant = this.#backlog.objects.runningOn(task.objectKey);
    if (occupant !== undefined) return { reason: 'object-busy', taskId: occupant };
    const queue = this.#backlog.lane(task.laneId);
    if (queue?.lane === undefined) return { reason: 'lane-unknown' };
    if (queue.lane.paused) return { reason: 'lane-paused' };
    const { running, lane } = queue;
    if (lane.limit !== null && running >= lane.limit) return { reason: 'lane-full', running, limit: lane.limit };
    const census = this.#fleet.census(task.demand);
    return census.ready === 0 ? { reason: 'no-transporter', alone: task.demand.alone, ...census } : undefined;
  }

  /** Who starts before a task that could start. */
  #competition(task: BacklogTask, nowMs: number): WaitReason {
    const first = chooseNext(this.#backlog.lanes(), this.#fleet, nowMs, this.#ageingMsPerLevel)?.task;
    if (first === undefined || first === task) return { reason: 'starting' };
    if (first.laneId === task.laneId) return { reason: 'behind-in-lane' };
    const standing = (laneId: string) => {
      const queue = this.#backlog.lane(laneId);
      return queue && laneStanding(queue, nowMs, this.#ageingMsPerLevel);
    };
    const [theirs, own] = [standing(first.laneId), standing(task.laneId)];
    return {
      reason: 'outranked',
      laneId: first.laneId,
      effectivePriority: theirs?.effectivePriority ?? 0,
      ownEffectivePriority: own?.effectivePriority ?? 0,
    };
  }

  #begin(task: TaskAtWork): void {
    const report = this.#fleet.started(task.transporterId, task.alone ?? false);
    this.#backlog.begin({ ...task, report });
  }

  #end(task: TaskAtWork): void {
    this.#backlog.end(task);
    this.#fleet.ended(task.transporterId, task.alone ?? false);
  }

  #advance(nowMs: number): number {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    this.#backlog.advance(this.#nowMs);
    return this.#nowMs;
  }
}
