import type { Lane, QueuedTask, Transporter } from '../src/index.ts';

/** A job's lane of priority 3 and limit 3; name what matters. */
export function aLane(laneId: string, differences: Partial<Lane> = {}): Lane {
  return { laneId, priority: 3, limit: 3, paused: false, ...differences };
}

/** A task on an object of its own, queued at 0. */
export function aTask(taskId: string, laneId: string, differences: Partial<QueuedTask> = {}): QueuedTask {
  return {
    taskId,
    laneId,
    objectKey: `object-of-${taskId}`,
    repositoryId: 'repository',
    queuedAtMs: 0,
    ...differences,
  };
}

/** An idle Transporter with ten slots that reaches every repository. */
export function aTransporter(transporterId: string, differences: Partial<Transporter> = {}): Transporter {
  const capacity = differences.capacity ?? 10;
  return { transporterId, capacity, freeSlots: capacity, repositories: 'any', draining: false, ...differences };
}
