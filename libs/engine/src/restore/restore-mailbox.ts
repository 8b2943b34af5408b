import type { ItemIssue, RestoreWork } from '@backhaul/domain';
import type { PointReader } from '@backhaul/repository';
import { forEachLimited, oneAfterTheOther } from '../limiter.ts';
import type { MailTarget } from '../mail-target.ts';
import { YieldRequest, yielded } from '../work-pace.ts';
import type { WorkContext, WorkOutcome } from '../work.ts';
import { discard } from './make-message.ts';
import { placeFolders, type TargetFolder } from './place-folders.ts';
import { countPlanned, planRestore, type RestorePlan } from './plan-restore.ts';
import { restoreItem, type RestoredItem } from './restore-item.ts';
import {
  reportRestored,
  restoreCounts,
  startRestore,
  type OpenFolder,
  type PlannedItem,
  type RestoreRun,
} from './restore-run.ts';
import { DEFAULT_VERIFY_UP_TO, verifyRestored, verifyStride } from './verify-restored.ts';

export interface RestoreMailboxInput {
  /** The mailbox to write to. */
  target: MailTarget;
  /** The point to restore from. */
  point: PointReader;
  work: RestoreWork;
  context: WorkContext;
  /** Items read back and compared afterwards; of more, so many evenly spread ones. Default 1,000; 0: none. */
  verifyUpTo?: number;
}

/**
 * Restores messages of a point into a mailbox. Every message it creates carries the restore's mark, so it may be stopped at
 * any moment and begun again: what is finished is found, what is half made is made anew, nothing is doubled.
 *
 * @returns `done` (`warning` when an item was degraded or failed; messages left out by the collision rule are listed but
 * are as they should be), or `yielded` when Microsoft asks to wait longer than the slot may be held, or the context asks.
 * @throws Failure `cancelled`, `lease-lost`, `stale`, and what concerns the whole mailbox: no rights, gone, full.
 */
export async function restoreMailbox(input: RestoreMailboxInput): Promise<WorkOutcome> {
  const run = startRestore(input.target, input.point, input.work, input.context);
  try {
    await restoreAll(run, input.verifyUpTo ?? DEFAULT_VERIFY_UP_TO);
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

async function restoreAll(run: RestoreRun, verifyUpTo: number): Promise<void> {
  reportRestored(run, 'listing');
  const plan = await planRestore(run.point, run.work.selection);
  run.counts.itemsTotal = await countPlanned(run.point, plan);
  run.counts.itemsFailed = plan.missing.length;
  run.issues.push(...plan.missing);
  run.isPlanned = true;
  reportRestored(run, 'listing');
  const targets = await placeFolders(run.target, run.pace, plan, run.work.placement);
  const opened = new Map<string, OpenFolder>();
  const restored: RestoredItem[] = [];
  const stride = verifyStride(run.counts.itemsTotal, verifyUpTo);
  await forEachLimited(plannedItems(run, plan, targets, opened, stride), run.target.concurrency + 2, async (item) => {
    const one = await restoreItem(run, item);
    if (one !== null && item.isVerified) restored.push(one);
    reportRestored(run, 'transferring');
  });
  for (const folder of opened.values()) if (folder.answersLost) await removeDoubles(run, folder);
  await verifyRestored(run, restored);
}

/** The plan's items, folder by folder; a folder is asked for what this restore made in it before its first item. */
async function* plannedItems(
  run: RestoreRun,
  plan: RestorePlan,
  targets: ReadonlyMap<string, TargetFolder>,
  opened: Map<string, OpenFolder>,
  stride: number,
): AsyncGenerator<PlannedItem> {
  let index = 0;
  for (const { folder, path, itemIds } of plan.folders) {
    const target = targets.get(folder.id);
    if (target === undefined) throw new Error(`Folder ${folder.id} has no place.`);
    for await (const itemId of itemIds === 'all' ? idsOf(run.point, folder.id) : itemIds) {
      // Two folders of the point may have the same target; what one brings there must be known to the other.
      const open = opened.get(target.id) ?? (await openFolder(run, target));
      opened.set(target.id, open);
      const isVerified = stride > 0 && index % stride === 0;
      index += 1;
      yield { folder: open, containerId: folder.id, itemId, folderPath: path.join('/'), isVerified };
    }
  }
}

async function* idsOf(point: PointReader, containerId: string): AsyncGenerator<string> {
  for await (const { id } of point.items(containerId)) yield id;
}

async function openFolder(run: RestoreRun, target: TargetFolder): Promise<OpenFolder> {
  const found = await run.pace.ask((signal) => run.target.findMarked(target.id, run.work.restoreId, signal));
  const marked: OpenFolder['marked'] = new Map();
  for (const { id, mark } of found) {
    const made = { id, complete: mark.complete, lacksAttachments: mark.lacksAttachments ?? false };
    marked.set(mark.itemId, [...(marked.get(mark.itemId) ?? []), made]);
  }
  return { target, marked, taken: new Set(found.map(({ id }) => id)), inOrder: oneAfterTheOther(), answersLost: false };
}

/** A creation whose answer was lost may show late: of every item only one message stays. */
async function removeDoubles(run: RestoreRun, folder: OpenFolder): Promise<void> {
  const { marked } = await openFolder(run, folder.target);
  for (const [itemId, made] of marked) {
    const kept =
      folder.marked.get(itemId)?.find(({ complete }) => complete)?.id ?? made.find(({ complete }) => complete)?.id;
    for (const { id } of made) if (id !== kept && made.length > 1) await discard(run, folder, itemId, id);
  }
}

/** A report shows the first issues only. */
function worstFirst(issues: readonly ItemIssue[]): ItemIssue[] {
  const rank = { failed: 0, degraded: 1, skipped: 2 };
  return [...issues].sort((a, b) => rank[a.result] - rank[b.result]);
}
