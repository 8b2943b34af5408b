import { type Demand, demandOf } from './demand.ts';
import type { QueuedTask } from './words.ts';

/** A queued task with what was derived from it once. */
export interface BacklogTask extends QueuedTask {
  demand: Demand;
  /** Order of arrival; decides between tasks that wait equally long. */
  sequence: number;
  /** Its not-before time has passed. */
  isDue: boolean;
}

export function backlogTask(task: QueuedTask, sequence: number): BacklogTask {
  return { ...task, demand: demandOf(task), sequence, isDue: false };
}

/** Longest waiting first. */
export function waitsLonger(one: BacklogTask, other: BacklogTask): boolean {
  return one.queuedAtMs !== other.queuedAtMs ? one.queuedAtMs < other.queuedAtMs : one.sequence < other.sequence;
}

/** Next to become due first. */
export function isDueEarlier(one: BacklogTask, other: BacklogTask): boolean {
  const [due, otherDue] = [one.notBeforeMs ?? 0, other.notBeforeMs ?? 0];
  return due !== otherDue ? due < otherDue : one.sequence < other.sequence;
}
