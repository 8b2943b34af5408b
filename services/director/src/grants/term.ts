import type { DirectorDispatch, LeaseKey, LeaseValue, LeaseWatch } from '@backhaul/dispatch';
import type { Clock } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import type { CoreCounters, CoreLogger } from '../core/director-core.ts';
import type { AttemptEnding } from '../results/settle-attempts.ts';
import type { AttemptBook, RunningAttempt } from './attempt-book.ts';

/** What the parts of one term of leadership share. */
export interface Term {
  database: DataSource;
  dispatch: DirectorDispatch;
  clock: Clock;
  logger: CoreLogger;
  counters: CoreCounters;
  leaseTimeMs: number;
  watch: LeaseWatch;
  book: AttemptBook;
  /** Ends attempts by the Director's own decision; book and scheduler hear of it. */
  end(endings: Extract<AttemptEnding, { by: 'director' }>[]): Promise<void>;
}

/** Where the lease of an attempt lives. */
export function leaseKeyOf({ laneId, slot }: RunningAttempt): LeaseKey {
  return { laneId, slot };
}

/** What stands there, but for the state. */
export function leaseValueOf({ fence, taskId, transporterId, boot }: RunningAttempt): Omit<LeaseValue, 'state'> {
  return { fence, taskId, transporterId, boot };
}
