import type { PointReader } from '@backhaul/repository';
import { openFolder, type OpenFolder } from './open-folder.ts';
import { placeFolders } from './place-folders.ts';
import type { PlannedFolder, RestorePlan } from './plan-restore.ts';
import type { RestoreKind } from './restore-kind.ts';
import { endWithIssue, reason, type PlannedItem, type RestoreRun } from './restore-run.ts';
import type { TargetFolder } from './target-folder.ts';

/**
 * The plan's items, kind by kind and folder by folder; a folder is asked for what this restore made in it before its first
 * item. Items whose place takes none end as skipped.
 * @param opened folders of the target that were opened, by id
 * @param stride every how manieth item is read back afterwards; 0: none
 */
export async function* plannedItems(
  run: RestoreRun,
  kinds: readonly RestoreKind[],
  plan: RestorePlan,
  opened: Map<string, { kind: RestoreKind; folder: OpenFolder }>,
  stride: number,
): AsyncGenerator<PlannedItem> {
  let index = 0;
  for (const kind of kinds) {
    const targets = await placeFolders(kind, plan, run.work.placement, run.ask);
    for (const planned of plan.folders.filter(({ folder }) => folder.kind === kind.kind)) {
      const { folder, path } = planned;
      const target = targets.get(folder.id);
      if (target === undefined) throw new Error(`Folder ${folder.id} has no place.`);
      const folderPath = path.join('/');
      for await (const itemId of itemIdsOf(run.point, planned)) {
        if (target.isReadOnly) skipForPlace(run, { itemId, folderPath }, target);
        else {
          // Two folders of the point may have the same target; what one brings there must be known to the other.
          const open = opened.get(target.id)?.folder ?? (await openFolder(kind, target, run.work.restoreId, run.ask));
          opened.set(target.id, { kind, folder: open });
          const isVerified = stride > 0 && index % stride === 0;
          yield { kind, folder: open, containerId: folder.id, itemId, folderPath, isVerified };
        }
        index += 1;
      }
    }
  }
}

async function* itemIdsOf(point: PointReader, { folder, itemIds }: PlannedFolder): AsyncGenerator<string> {
  if (itemIds !== 'all') yield* itemIds;
  else for await (const { id } of point.items(folder.id)) yield id;
}

function skipForPlace(run: RestoreRun, item: Pick<PlannedItem, 'itemId' | 'folderPath'>, { path }: TargetFolder): void {
  const message = `"${path.join('/')}" of the target takes no items; restore into a new folder instead.`;
  endWithIssue(run, item, 'skipped', reason('precondition', 'restore.place-read-only', message));
}
