import { YieldRequest, yielded } from '../work-pace.ts';
import type { WorkOutcome } from '../work.ts';
import { restoreCounts, worstFirst, type RestoreRun } from './restore-run.ts';

/**
 * Does all of a restore and says how it ended: `warning` when an item was degraded or failed, `yielded` when the work is to
 * come back later.
 * @throws what stopped it otherwise.
 */
export async function restoreOutcome(run: RestoreRun, work: () => Promise<void>): Promise<WorkOutcome> {
  try {
    await work();
    run.pace.stopIfAborted();
  } catch (error) {
    const stoppedBy = run.pace.stop(error);
    if (!(stoppedBy instanceof YieldRequest)) throw stoppedBy;
    return yielded(stoppedBy, { counts: restoreCounts(run), issues: worstFirst(run.issues) });
  }
  const isWhole = run.counts.itemsDegraded + run.counts.itemsFailed === 0;
  return {
    type: 'done',
    outcome: isWhole ? 'succeeded' : 'warning',
    counts: restoreCounts(run),
    issues: worstFirst(run.issues),
  };
}
