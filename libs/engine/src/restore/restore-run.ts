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
import { WorkPace } from '../work-pace.ts';
import type { WorkContext } from '../work.ts';
import type { OpenFolder } from './open-folder.ts';
import type { Ask, RestoreKind } from './restore-kind.ts';

/** What the parts of one restore share while it runs. */
export interface RestoreRun {
  point: PointReader;
  work: RestoreWork;
  context: WorkContext;
  pace: WorkPace;
  /** Every request to the target passes here. */
  ask: Ask;
  /** Items that are worked on at once; fewer requests than these are made at once. */
  itemsAtOnce: number;
  /** The plan is made, so that `counts.itemsTotal` stands. */
  isPlanned: boolean;
  counts: TaskCounts;
  issues: ItemIssue[];
  /** Items that failed in a row because the service did; reset by every success. */
  failuresInARow: number;
}

/** One item of the plan. */
export interface PlannedItem {
  kind: RestoreKind;
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
  kinds: readonly RestoreKind[],
  point: PointReader,
  work: RestoreWork,
  context: WorkContext,
): RestoreRun {
  const concurrency = Math.min(...kinds.map(({ target }) => target.concurrency));
  const pace = new WorkPace(context, concurrency);
  return {
    point,
    work,
    context,
    pace,
    ask: (request) => pace.ask(request),
    itemsAtOnce: concurrency + 2,
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

/** A report shows the first issues only. */
export function worstFirst(issues: readonly ItemIssue[]): ItemIssue[] {
  const rank = { failed: 0, degraded: 1, skipped: 2 };
  return [...issues].sort((a, b) => rank[a.result] - rank[b.result]);
}
