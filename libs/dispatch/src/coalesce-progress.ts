import type { Clock, TaskProgress } from '@backhaul/domain';
import type { ProgressSender } from './ports.ts';

/** A task's progress is sent at most once in this time. */
export const PROGRESS_INTERVAL_MS = 2_000;

/**
 * Sends the first progress of a task at once, then the newest one every {@link PROGRESS_INTERVAL_MS} while there are any.
 * @param publish may throw: progress may be lost.
 */
export function coalesceProgress(publish: (progress: TaskProgress) => void, clock: Clock): ProgressSender {
  /** Per task: the newest progress that waits for its time, or null when the last interval brought none yet. */
  const waiting = new Map<string, TaskProgress | null>();

  const publishQuietly = (progress: TaskProgress) => {
    try {
      publish(progress);
    } catch {
      // Lossy by contract; the next one tells more anyway.
    }
  };

  const pace = async (taskId: string) => {
    for (;;) {
      await clock.sleep(PROGRESS_INTERVAL_MS);
      const next = waiting.get(taskId);
      if (next === null || next === undefined) break;
      waiting.set(taskId, null);
      publishQuietly(next);
    }
    waiting.delete(taskId);
  };

  return {
    send(progress) {
      if (waiting.has(progress.taskId)) {
        waiting.set(progress.taskId, progress);
        return;
      }
      waiting.set(progress.taskId, null);
      publishQuietly(progress);
      void pace(progress.taskId);
    },
  };
}
