import {
  Failure,
  failureRecord,
  MAX_ISSUES,
  noCounts,
  type FailureRecord,
  type ItemIssue,
  type RestoreWork,
  type TaskCounts,
  type TaskProgress,
} from '@backhaul/domain';
import type { PointReader } from '@backhaul/repository';
import type { oneAfterTheOther } from '../limiter.ts';
import type { MailTarget } from '../mail-target.ts';
import { WorkPace } from '../work-pace.ts';
import type { WorkContext } from '../work.ts';
import type { TargetFolder } from './place-folders.ts';

/** What the parts of one mailbox restore share while it runs. */
export interface RestoreRun {
  target: MailTarget;
  point: PointReader;
  work: RestoreWork;
  context: WorkContext;
  pace: WorkPace;
  /** The plan is made, so that `counts.itemsTotal` stands. */
  isPlanned: boolean;
  counts: TaskCounts;
  issues: ItemIssue[];
  /** Items that failed in a row because the service did; reset by every success. */
  failuresInARow: number;
}

/** A message that carries this restore's mark. */
export interface MadeMessage {
  id: string;
  complete: boolean;
  /** Attachments of it were refused. */
  lacksAttachments: boolean;
}

/** A folder being restored into, and what of this restore is in it already. */
export interface OpenFolder {
  target: TargetFolder;
  /** Messages that carry this restore's mark, by the id of their item in the point. */
  marked: Map<string, MadeMessage[]>;
  /** Messages of this restore, and twins that stand for an item: neither may stand for another one. */
  taken: Set<string>;
  /**
   * Work on messages that could be taken for each other is done one after the other: what one has just created must not be
   * found as the twin of another.
   */
  inOrder: ReturnType<typeof oneAfterTheOther>;
  /** An answer to a creation was lost, so what is there is counted once more at the end. */
  answersLost: boolean;
}

/** One item of the plan. */
export interface PlannedItem {
  folder: OpenFolder;
  containerId: string;
  itemId: string;
  /** Its folder in the point, display names joined by `/`. */
  folderPath: string;
  /** It is among those that are read back afterwards. */
  isVerified: boolean;
}

/** Begins (or takes up again) a restore: what is there already is known by its marks. */
export function startRestore(
  target: MailTarget,
  point: PointReader,
  work: RestoreWork,
  context: WorkContext,
): RestoreRun {
  return {
    target,
    point,
    work,
    context,
    pace: new WorkPace(context, target.concurrency),
    isPlanned: false,
    counts: noCounts(),
    issues: [],
    failuresInARow: 0,
  };
}

/** The numbers as they stand. */
export function restoreCounts(run: RestoreRun): TaskCounts {
  return { ...run.counts, requests: run.pace.requests };
}

/** Tells whoever watches how far the work is; how many items there are in all is known once the plan is made. */
export function reportRestored(run: RestoreRun, phase: TaskProgress['phase']): void {
  const counts = restoreCounts(run);
  run.context.onProgress({ phase, counts, ...(run.isPlanned && { itemsExpected: counts.itemsTotal }) });
}

/** Ends an item as skipped, degraded or failed, with the reason. Of skipped ones only the first are listed by name. */
export function endWithIssue(
  run: RestoreRun,
  item: Pick<PlannedItem, 'itemId' | 'folderPath'>,
  result: ItemIssue['result'],
  failure: FailureRecord,
): void {
  if (result === 'skipped') run.counts.itemsSkipped += 1;
  if (result === 'degraded') run.counts.itemsDegraded += 1;
  if (result === 'failed') run.counts.itemsFailed += 1;
  const skippedSoFar = run.counts.itemsSkipped;
  if (result === 'skipped' && skippedSoFar > MAX_ISSUES) return;
  run.issues.push({ itemId: item.itemId, folderPath: item.folderPath, result, failure });
}

/** A reason as plain data. */
export function reason(
  kind: Failure['kind'],
  code: string,
  message: string,
  where?: Record<string, string>,
): FailureRecord {
  return failureRecord(new Failure(kind, { code, message, retry: 'never', ...(where === undefined ? {} : { where }) }));
}
