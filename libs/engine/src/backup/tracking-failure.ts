import type { FailureKind, OnChangeTrackingError } from '@backhaul/domain';

/** What is known when reading a container has failed. */
export interface FailedReading {
  kind: FailureKind;
  /** By change tracking, or by a plain list. */
  by: 'changes' | 'list';
  /** Pages read of this walk before it failed. */
  pagesRead: number;
  /** True when the walk started at a cursor, false when it lists from scratch. */
  hadCursor: boolean;
  /** How often this container's walk was begun anew in this run. */
  restarts: number;
  onError: OnChangeTrackingError;
}

/**
 * - `restart`: the same walk once more;
 * - `re-baseline`: the cursor is no longer known; list from scratch and compare, with a warning;
 * - `compare`: change tracking does not work here; list plainly and compare in this run, with a warning;
 * - `give-up-container`: the others go on; the container is carried over and the point is incomplete;
 * - `fail-object`: the object fails and no point is made.
 */
export type AfterFailedReading = 'restart' | 're-baseline' | 'compare' | 'give-up-container' | 'fail-object';

/** A walk that is begun anew more often than this in one run is an endless loop at the source. */
export const MAX_RESTARTS = 3;

/**
 * Failures that say something about one container only. All others are about the object, the connection, our own storage
 * or ourselves; change tracking must not hide them.
 */
const ABOUT_THE_CONTAINER: readonly FailureKind[] = [
  'expired',
  'not-found',
  'unavailable',
  'timed-out',
  'invalid-input',
  'unreadable',
  'conflict',
  'precondition',
  'quota',
];

/** The table of change-tracking errors as one decision. */
export function afterFailedReading(failed: FailedReading): AfterFailedReading {
  if (!isAboutTheContainer(failed.kind)) return 'fail-object';
  // A folder that is gone says so in the next listing; until then it is only not readable.
  if (failed.kind === 'not-found') return 'give-up-container';
  if (failed.kind === 'expired' && failed.restarts < MAX_RESTARTS) {
    return failed.hadCursor && failed.pagesRead === 0 ? 're-baseline' : 'restart';
  }
  // The setting is about change tracking; where a plain list fails, nothing is left to switch to.
  if (failed.by === 'list') return 'give-up-container';
  return failed.onError === 'fail-object' ? 'fail-object' : 'compare';
}

/** Whether a failure says something about one container, and nothing about the others. */
export function isAboutTheContainer(kind: FailureKind): boolean {
  return ABOUT_THE_CONTAINER.includes(kind);
}
