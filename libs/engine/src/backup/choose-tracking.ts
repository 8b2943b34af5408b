import type { BackupWork } from '@backhaul/domain';
import type { ContainerState } from '@backhaul/repository';

/** How one container is read in this run. */
export interface Tracking {
  method: ContainerState['method'];
  /** Where reading starts; null: from scratch, which lists everything with its change key. */
  cursor: string | null;
  /** `differences`: what has the same change key as in the last point is not transferred. `everything`: it is. */
  transfer: 'differences' | 'everything';
  /** Whether it is read by change tracking, so that the point keeps a cursor to go on from; else by a plain list. */
  keepsCursor: boolean;
}

/**
 * The job's options and what the last point knows of the container decide. `previous` is null for a container that is new.
 * See the table of modes in the documentation of change tracking.
 */
export function chooseTracking(
  work: Pick<BackupWork, 'changeTracking' | 'forceFull'>,
  previous: ContainerState | null,
  scope: string,
): Tracking {
  const { mode } = work.changeTracking;
  const everything = mode === 'full' || work.forceFull;
  const cursor = previous !== null && previous.cursorScope === scope ? previous.cursor : null;
  return {
    method: everything ? 'full' : mode === 'proprietary' ? 'comparison' : 'microsoft-delta',
    cursor: mode === 'microsoft' && !everything ? cursor : null,
    transfer: everything ? 'everything' : 'differences',
    keepsCursor: mode === 'microsoft',
  };
}
