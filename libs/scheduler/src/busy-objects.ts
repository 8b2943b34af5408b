import type { BacklogTask } from './backlog-task.ts';

interface ObjectState {
  /** Ids of the tasks at work on it: one, unless the scheduler was told of more. */
  running: Set<string>;
  /** Queued tasks that want it. */
  waiting: Set<BacklogTask>;
}

/** Which mailboxes, drives and sites are worked on, and who else wants them. */
export class BusyObjects {
  readonly #objects = new Map<string, ObjectState>();

  isBusy(objectKey: string): boolean {
    return (this.#objects.get(objectKey)?.running.size ?? 0) > 0;
  }

  /** A task at work on the object; undefined when it is free. */
  runningOn(objectKey: string): string | undefined {
    return this.#objects.get(objectKey)?.running.values().next().value;
  }

  waitingFor(objectKey: string): Iterable<BacklogTask> {
    return this.#objects.get(objectKey)?.waiting ?? [];
  }

  wants(task: BacklogTask): void {
    this.#state(task.objectKey).waiting.add(task);
  }

  wantsNoMore(task: BacklogTask): void {
    this.#objects.get(task.objectKey)?.waiting.delete(task);
    this.#forgetUnused(task.objectKey);
  }

  occupied(objectKey: string, taskId: string): void {
    this.#state(objectKey).running.add(taskId);
  }

  left(objectKey: string, taskId: string): void {
    this.#objects.get(objectKey)?.running.delete(taskId);
    this.#forgetUnused(objectKey);
  }

  #state(objectKey: string): ObjectState {
    let state = this.#objects.get(objectKey);
    if (state === undefined) this.#objects.set(objectKey, (state = { running: new Set(), waiting: new Set() }));
    return state;
  }

  #forgetUnused(objectKey: string): void {
    const state = this.#objects.get(objectKey);
    if (state?.running.size === 0 && state.waiting.size === 0) this.#objects.delete(objectKey);
  }
}
