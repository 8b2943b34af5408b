/**
 * Which task starts next, and where: `Scheduler`, a pure data structure. Words: `words.ts`; the order: `rank.ts`; the
 * choice: `choose.ts`; waiting and running tasks: `backlog.ts`; Transporters: `fleet.ts`.
 */
export { Scheduler, type SchedulerOptions } from './scheduler.ts';
export { describeWait, type WaitReason } from './wait-reason.ts';
export { effectivePriority } from './rank.ts';
export type { Choice, Lane, QueuedTask, RunningTask, Transporter } from './words.ts';
