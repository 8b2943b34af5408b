import { type BacklogTask, backlogTask, isDueEarlier } from './backlog-task.ts';
import { BusyObjects } from './busy-objects.ts';
import { IndexedHeap } from './indexed-heap.ts';
import { LaneQueue } from './lane-queue.ts';
import type { Lane, QueuedTask, RunningTask } from './words.ts';

/** A running task. */
export interface TaskAtWork extends RunningTask {
  /** How it waited; absent when it was not chosen here. */
  origin?: BacklogTask;
  /** The last report of its Transporter when it started. */
  report?: number;
}

/**
 * All tasks that wait or run, and their lanes. A queued task is in one of three places: among those that are not due yet,
 * among those whose object is worked on, or runnable in its lane. Each event moves only the tasks that it concerns.
 */
export class Backlog {
  readonly #lanes = new Map<string, LaneQueue>();
  readonly #queued = new Map<string, BacklogTask>();
  readonly #running = new Map<string, TaskAtWork>();
  readonly #notDue = new IndexedHeap(isDueEarlier);
  readonly #objects = new BusyObjects();
  #arrivals = 0;

  lanes(): Iterable<LaneQueue> {
    return this.#lanes.values();
  }

  lane(laneId: string): LaneQueue | undefined {
    return this.#lanes.get(laneId);
  }

  queued(taskId: string): BacklogTask | undefined {
    return this.#queued.get(taskId);
  }

  running(taskId: string): TaskAtWork | undefined {
    return this.#running.get(taskId);
  }

  allRunning(): Iterable<TaskAtWork> {
    return this.#running.values();
  }

  get objects(): Pick<BusyObjects, 'isBusy' | 'runningOn' | 'waitingFor'> {
    return this.#objects;
  }

  /** When the next task becomes due; undefined when none waits for a time. */
  get nextDueMs(): number | undefined {
    return this.#notDue.first?.notBeforeMs;
  }

  /** Tasks whose time has come become runnable. */
  advance(nowMs: number): void {
    let next = this.#notDue.first;
    while (next !== undefined && (next.notBeforeMs ?? 0) <= nowMs) {
      this.#notDue.remove(next);
      next.isDue = true;
      this.#addIfRunnable(next);
      next = this.#notDue.first;
    }
  }

  laneChanged(lane: Lane): void {
    this.#laneQueue(lane.laneId).lane = { ...lane };
  }

  /** Its queued tasks are forgotten; what runs still counts until it has ended. */
  laneRemoved(laneId: string): void {
    const queue = this.#lanes.get(laneId);
    if (queue === undefined) return;
    for (const task of [...queue.waiting]) this.dequeue(task);
    queue.lane = undefined;
    this.#forgetUnused(laneId);
  }

  /** A task that is queued already is replaced and keeps its place among equals. */
  enqueue(task: QueuedTask): void {
    const earlier = this.#queued.get(task.taskId);
    if (earlier !== undefined) this.dequeue(earlier);
    this.#admit(backlogTask(task, earlier?.sequence ?? (this.#arrivals += 1)));
  }

  dequeue(task: BacklogTask): void {
    const queue = this.#laneQueue(task.laneId);
    this.#queued.delete(task.taskId);
    this.#notDue.remove(task);
    this.#objects.wantsNoMore(task);
    queue.waiting.delete(task);
    queue.removeRunnable(task);
    this.#forgetUnused(task.laneId);
  }

  begin(task: TaskAtWork): void {
    this.#running.set(task.taskId, task);
    this.#laneQueue(task.laneId).running += 1;
    this.#objects.occupied(task.objectKey, task.taskId);
    for (const other of this.#objects.waitingFor(task.objectKey)) this.#laneQueue(other.laneId).removeRunnable(other);
  }

  end(task: TaskAtWork): void {
    this.#running.delete(task.taskId);
    this.#laneQueue(task.laneId).running -= 1;
    this.#objects.left(task.objectKey, task.taskId);
    for (const other of this.#objects.waitingFor(task.objectKey)) this.#addIfRunnable(other);
    this.#forgetUnused(task.laneId);
  }

  /** Waits again as it did before it was begun; not if its lane was removed meanwhile. */
  putBack(origin: BacklogTask): void {
    if (this.#lanes.get(origin.laneId)?.lane === undefined) return;
    this.#admit({ ...origin, isDue: false });
  }

  #admit(task: BacklogTask): void {
    this.#queued.set(task.taskId, task);
    this.#objects.wants(task);
    this.#laneQueue(task.laneId).waiting.add(task);
    if (task.notBeforeMs === undefined) {
      task.isDue = true;
      this.#addIfRunnable(task);
    } else {
      this.#notDue.add(task);
    }
  }

  #addIfRunnable(task: BacklogTask): void {
    if (task.isDue && !this.#objects.isBusy(task.objectKey)) this.#laneQueue(task.laneId).addRunnable(task);
  }

  #laneQueue(laneId: string): LaneQueue {
    let queue = this.#lanes.get(laneId);
    if (queue === undefined) this.#lanes.set(laneId, (queue = new LaneQueue()));
    return queue;
  }

  #forgetUnused(laneId: string): void {
    const queue = this.#lanes.get(laneId);
    if (queue && queue.lane === undefined && queue.running === 0 && queue.waiting.size === 0)
      this.#lanes.delete(laneId);
  }
}
