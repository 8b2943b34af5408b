import type { Failure } from '@backhaul/domain';
import type { ContainerState } from '@backhaul/repository';
import type { Tracking } from './choose-tracking.ts';
import { setbacksAfter, type TrackingOutcome } from './hold-off.ts';

/** How far one container (a folder of mail or contacts, a calendar) has been read in this task. */
export interface ContainerProgress {
  id: string;
  /** Display names from the top folder down. */
  path: string[];
  tracking: Tracking;
  /** What became of change tracking so far. */
  tracked: TrackingOutcome;
  /** What the point this one is built on says of it; null for a new container. */
  previous: ContainerState | null;
  /** Set when it was read to its end in this task; `cursor` is where the next reading starts. */
  read: { cursor: string | null; asOf: string } | null;
  /**
   * Where reading must start again to be told once more of removals that have not taken effect; null when there are none.
   * Neither a checkpoint nor a point may hold a later cursor than this.
   */
  unsettledFrom: { cursor: string | null } | null;
  /** Why the last attempt to read it failed; null when it did not. */
  failure: Failure | null;
}

/** When a container that could never be read was read. */
const NEVER = '1970-01-01T00:00:00.000Z';

/** A container of which a resumed task knows that it was read to its end. */
export function finishedContainer(state: ContainerState): ContainerProgress['read'] {
  return { cursor: state.cursor, asOf: state.asOf };
}

/** True when all that was read of the container is settled, so that a resumed task need not read it again. */
export function isFinished(container: ContainerProgress): boolean {
  return container.read !== null && container.failure === null && container.unsettledFrom === null;
}

/** What a checkpoint remembers: the containers that are finished, with the cursors to read them on from. */
export function finishedStates(containers: Iterable<ContainerProgress>, scope: string): ContainerState[] {
  return [...containers].filter(isFinished).map((container) => ({
    containerId: container.id,
    method: container.tracking.method,
    cursor: container.read?.cursor ?? null,
    cursorScope: scope,
    state: 'read',
    asOf: container.read?.asOf ?? NEVER,
  }));
}

/** What the point says of the container: read, or carried over with its previous cursor and date. */
export function pointState(container: ContainerProgress, scope: string, now: Date): ContainerState {
  const { previous, read, failure, tracking } = container;
  const state = failure === null ? 'read' : 'carried';
  if (read === null) {
    const kept = previous ?? { containerId: container.id, method: tracking.method, cursor: null, cursorScope: scope };
    return { ...kept, state, asOf: previous?.asOf ?? NEVER };
  }
  const cursor = container.unsettledFrom === null ? read.cursor : container.unsettledFrom.cursor;
  const setbacks = setbacksAfter(previous, container.tracked, now);
  return {
    containerId: container.id,
    method: tracking.method,
    cursor: tracking.keepsCursor ? cursor : null,
    cursorScope: scope,
    state,
    asOf: read.asOf,
    ...(setbacks !== undefined && { setbacks }),
  };
}
