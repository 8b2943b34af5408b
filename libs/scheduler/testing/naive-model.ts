import type { Choice, Lane, QueuedTask, RunningTask, Transporter } from '../src/index.ts';
import type { Schedules } from './history.ts';

interface Waiting {
  task: QueuedTask;
  arrival: number;
}

type AtWork = RunningTask & { origin?: Waiting };

/**
 * The rules of scheduling as plainly as they can be written: lists, looked through from end to end at every question.
 * Far too slow for use; the real scheduler must choose exactly what this one chooses.
 */
export class NaiveModel implements Schedules {
  readonly lanes = new Map<string, Lane>();
  readonly transporters = new Map<string, Transporter>();
  waiting: Waiting[] = [];
  running: AtWork[] = [];
  nowMs = 0;
  /** What was started on a Transporter since it last described itself, even if it has ended again. */
  #startedSinceReport: AtWork[] = [];
  #arrivals = 0;
  readonly #ageingMsPerLevel: number;

  constructor(ageingMsPerLevel: number) {
    this.#ageingMsPerLevel = ageingMsPerLevel;
  }

  laneChanged(lane: Lane): void {
    this.lanes.set(lane.laneId, lane);
  }

  laneRemoved(laneId: string): void {
    this.lanes.delete(laneId);
    this.waiting = this.waiting.filter(({ task }) => task.laneId !== laneId);
  }

  taskQueued(task: QueuedTask): void {
    if (this.running.some(({ taskId }) => taskId === task.taskId)) return;
    const earlier = this.waiting.find((one) => one.task.taskId === task.taskId);
    this.taskRemoved(task.taskId);
    this.#arrivals += 1;
    this.waiting.push({ task, arrival: earlier?.arrival ?? this.#arrivals });
  }

  taskRemoved(taskId: string): void {
    this.waiting = this.waiting.filter(({ task }) => task.taskId !== taskId);
  }

  taskStarted(started: RunningTask): void {
    const known = this.running.find(({ taskId }) => taskId === started.taskId);
    if (known && known.transporterId === started.transporterId && known.laneId === started.laneId) return;
    this.taskEnded(started.taskId);
    this.taskRemoved(started.taskId);
    this.#begin(started);
  }

  taskEnded(ended: string): void {
    this.running = this.running.filter(({ taskId }) => taskId !== ended);
  }

  putBack(taskId: string): void {
    const chosen = this.running.find((one) => one.taskId === taskId);
    const origin = chosen?.origin;
    if (origin === undefined) return;
    this.taskEnded(taskId);
    this.#startedSinceReport = this.#startedSinceReport.filter((one) => one !== chosen);
    if (this.lanes.has(origin.task.laneId)) this.waiting.push(origin);
  }

  transporterChanged(transporter: Transporter): void {
    this.transporters.set(transporter.transporterId, transporter);
    this.#startedSinceReport = this.#startedSinceReport.filter(
      ({ transporterId }) => transporterId !== transporter.transporterId,
    );
  }

  transporterGone(transporterId: string): void {
    this.transporters.delete(transporterId);
  }

  choose(nowMs: number, max: number): Choice[] {
    this.nowMs = Math.max(this.nowMs, nowMs);
    const choices: Choice[] = [];
    for (let choice = this.#one(); choice !== undefined && choices.length < max; choice = this.#one()) {
      choices.push(choice);
      const origin = this.waiting.find(({ task }) => task.taskId === choice?.taskId);
      if (origin === undefined) throw new Error('The model chose what does not wait.');
      this.taskRemoved(choice.taskId);
      const { objectKey, alone = false } = origin.task;
      this.#begin({ ...choice, objectKey, alone, origin });
    }
    return choices;
  }

  /** Due, and nobody works on its object. */
  runnable(): Waiting[] {
    return this.waiting.filter(
      ({ task }) =>
        (task.notBeforeMs ?? -Infinity) <= this.nowMs &&
        !this.running.some(({ objectKey }) => objectKey === task.objectKey),
    );
  }

  isOpen(laneId: string): boolean {
    const lane = this.lanes.get(laneId);
    return lane !== undefined && !lane.paused && (lane.limit === null || this.#runningOf(laneId) < lane.limit);
  }

  effectivePriority(laneId: string): number {
    let { priority } = this.#lane(laneId);
    if (priority === 0 || this.#ageingMsPerLevel === 0) return priority;
    const since = this.runnable()
      .filter(({ task }) => task.laneId === laneId)
      .map(({ task }) => task.queuedAtMs);
    let waitedMs = this.nowMs - Math.min(this.nowMs, ...since);
    for (; priority > 1 && waitedMs >= this.#ageingMsPerLevel; waitedMs -= this.#ageingMsPerLevel) priority -= 1;
    return priority;
  }

  mayEverTake(transporter: Transporter, task: QueuedTask): boolean {
    return (
      !transporter.draining &&
      (transporter.repositories === 'any' || transporter.repositories.includes(task.repositoryId)) &&
      !(task.excludedTransporters ?? []).includes(transporter.transporterId) &&
      (task.pool === undefined || (transporter.pools ?? []).includes(task.pool))
    );
  }

  canStart(transporter: Transporter, task: QueuedTask): boolean {
    const here = this.#runningOn(transporter.transporterId);
    const since = this.#startedSinceReport.filter((one) => one.transporterId === transporter.transporterId).length;
    return (
      this.mayEverTake(transporter, task) &&
      !here.some(({ alone }) => alone === true) &&
      (task.alone !== true || here.length === 0) &&
      here.length < transporter.capacity &&
      since < transporter.freeSlots
    );
  }

  #one(): Choice | undefined {
    const keptClear: string[] = [];
    const helped: string[] = [];
    const ranked = this.runnable().filter(({ task }) => this.isOpen(task.laneId));
    ranked.sort((one, other) => this.#compare(one, other));
    for (const { task } of ranked) {
      const asks = [
        task.repositoryId,
        task.pool,
        task.alone === true,
        ...[...(task.excludedTransporters ?? [])].sort(),
      ];
      if (helped.includes(asks.join('|'))) continue;
      const others = [...this.transporters.values()].filter(({ transporterId }) => !keptClear.includes(transporterId));
      const [target] = this.#byLoad(others.filter((transporter) => this.canStart(transporter, task)));
      if (target !== undefined)
        return { taskId: task.taskId, laneId: task.laneId, transporterId: target.transporterId };
      if (task.alone !== true) continue;
      helped.push(asks.join('|'));
      const [toClear] = this.#byCount(others.filter((transporter) => this.mayEverTake(transporter, task)));
      if (toClear !== undefined) keptClear.push(toClear.transporterId);
    }
    return undefined;
  }

  #compare(one: Waiting, other: Waiting): number {
    const [lane, otherLane] = [this.#lane(one.task.laneId), this.#lane(other.task.laneId)];
    return (
      this.effectivePriority(lane.laneId) - this.effectivePriority(otherLane.laneId) ||
      this.#runningOf(lane.laneId) * (otherLane.limit ?? 1000) -
        this.#runningOf(otherLane.laneId) * (lane.limit ?? 1000) ||
      one.task.queuedAtMs - other.task.queuedAtMs ||
      one.arrival - other.arrival
    );
  }

  #byLoad(transporters: Transporter[]): Transporter[] {
    const count = (transporter: Transporter) => this.#runningOn(transporter.transporterId).length;
    return transporters.sort(
      (one, other) => count(one) * other.capacity - count(other) * one.capacity || byId(one, other),
    );
  }

  #byCount(transporters: Transporter[]): Transporter[] {
    const count = (transporter: Transporter) => this.#runningOn(transporter.transporterId).length;
    return transporters.sort((one, other) => count(one) - count(other) || byId(one, other));
  }

  #begin(task: AtWork): void {
    this.running.push(task);
    this.#startedSinceReport.push(task);
  }

  #lane(laneId: string): Lane {
    const lane = this.lanes.get(laneId);
    if (lane === undefined) throw new Error(`The model knows no lane ${laneId}.`);
    return lane;
  }

  #runningOf(lane: string): number {
    return this.running.filter(({ laneId }) => laneId === lane).length;
  }

  #runningOn(transporter: string): AtWork[] {
    return this.running.filter(({ transporterId }) => transporterId === transporter);
  }
}

function byId(one: Transporter, other: Transporter): number {
  return one.transporterId < other.transporterId ? -1 : 1;
}
