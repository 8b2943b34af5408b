import type { Offer } from '@backhaul/dispatch';
import type { WorkContext, WorkOutcome } from '@backhaul/engine';
import type { LoanKeeper } from './loan-keeper.ts';

/** PORT: where an attempt's work is done with what was lent for it. */
export interface Workbench {
  /** Does the task; throws what could not be done as a `Failure`. */
  work(offer: Offer, loan: LoanKeeper, context: WorkContext): Promise<WorkOutcome>;
  /** Ends what the tasks shared. */
  close(): Promise<void>;
}
