import { failureRecord, isFailure, type FailureKind } from '@backhaul/domain';
import { endWithIssue, type PlannedItem, type RestoreRun } from './restore-run.ts';

/** Failures of a single item or file that leave the rest of the restore alone. */
const ABOUT_THE_ITEM: readonly FailureKind[] = [
  'unreadable',
  'invalid-input',
  'conflict',
  'precondition',
  'not-found',
  'corrupt',
  'unavailable',
  'timed-out',
];

/** So many items in a row that the service failed to take are no bad items: the service is down. */
const MAX_SERVICE_FAILURES_IN_A_ROW = 10;

/**
 * Restores one item by `work`; a failure that is about this item alone ends it as failed, with its reason.
 * @returns what `work` gives, or null when the item failed.
 * @throws what concerns the whole restore: rights, quota, throttling, a stop.
 */
export async function failingAlone<T>(
  run: RestoreRun,
  item: Pick<PlannedItem, 'itemId' | 'folderPath'>,
  work: () => Promise<T>,
): Promise<T | null> {
  try {
    const restored = await work();
    run.failuresInARow = 0;
    return restored;
  } catch (error) {
    if (!isFailure(error, ...ABOUT_THE_ITEM)) throw run.pace.stop(error);
    if (isFailure(error, 'unavailable', 'timed-out')) run.failuresInARow += 1;
    if (run.failuresInARow > MAX_SERVICE_FAILURES_IN_A_ROW) throw run.pace.stop(error);
    endWithIssue(run, item, 'failed', failureRecord(error));
    return null;
  }
}
