import type { Choice, Lane, QueuedTask, RunningTask, Scheduler, Transporter } from '../src/index.ts';

/** What the scheduler and the naive model have in common, so that both can live through one history. */
export type Schedules = Pick<
  Scheduler,
  | 'laneChanged'
  | 'laneRemoved'
  | 'taskQueued'
  | 'taskRemoved'
  | 'taskStarted'
  | 'taskEnded'
  | 'putBack'
  | 'transporterChanged'
  | 'transporterGone'
  | 'choose'
>;

/** One thing that happens. `choose` is the only one that answers. */
export type SchedulerEvent =
  | { event: 'lane-changed'; lane: Lane }
  | { event: 'lane-removed'; laneId: string }
  | { event: 'task-queued'; task: QueuedTask }
  | { event: 'task-removed'; taskId: string }
  | { event: 'task-started'; task: RunningTask }
  | { event: 'task-ended'; taskId: string }
  | { event: 'put-back'; taskId: string }
  | { event: 'transporter-changed'; transporter: Transporter }
  | { event: 'transporter-gone'; transporterId: string }
  | { event: 'choose'; nowMs: number; max: number };

/** Tells one event to one that schedules; returns what it chose. */
export function happen(to: Schedules, event: SchedulerEvent): Choice[] {
  switch (event.event) {
    case 'lane-changed':
      to.laneChanged(event.lane);
      return [];
    case 'lane-removed':
      to.laneRemoved(event.laneId);
      return [];
    case 'task-queued':
      to.taskQueued(event.task);
      return [];
    case 'task-removed':
      to.taskRemoved(event.taskId);
      return [];
    case 'task-started':
      to.taskStarted(event.task);
      return [];
    case 'task-ended':
      to.taskEnded(event.taskId);
      return [];
    case 'put-back':
      to.putBack(event.taskId);
      return [];
    case 'transporter-changed':
      to.transporterChanged(event.transporter);
      return [];
    case 'transporter-gone':
      to.transporterGone(event.transporterId);
      return [];
    case 'choose':
      return to.choose(event.nowMs, event.max);
  }
}
