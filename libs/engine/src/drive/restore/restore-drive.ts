import type { RestoreWork } from '@backhaul/domain';
import type { PointReader } from '@backhaul/repository';
import { forEachLimited } from '../../limiter.ts';
import { countPlanned, planRestore, type PlannedFolder, type RestorePlan } from '../../restore/plan-restore.ts';
import { restoreOutcome } from '../../restore/restore-outcome.ts';
import { reportRestored } from '../../restore/restore-run.ts';
import { DEFAULT_VERIFY_UP_TO, verifyStride } from '../../restore/verify-restored.ts';
import { readStoredPermissions } from '../../stored-file.ts';
import type { WorkContext, WorkOutcome } from '../../work.ts';
import type { DriveTarget } from '../drive-target.ts';
import { startDriveRestore, type DriveRestore, type OpenDriveRestore } from './drive-restore.ts';
import { placeDriveFolders } from './place-drive-folders.ts';
import { restoreFile, type PlannedFile, type RestoredFile } from './restore-file.ts';
import { restoreFolderPermissions } from './restore-permissions.ts';
import { openTargetFolder, type FolderPlace } from './target-folder.ts';
import { verifyFiles } from './verify-files.ts';

export interface RestoreDriveInput {
  /** The drive to write to. */
  target: DriveTarget;
  /** The point to restore from. */
  point: PointReader;
  work: RestoreWork;
  context: WorkContext;
  /** Files compared with what is listed afterwards; of more, so many evenly spread ones. Default 1,000; 0: none. */
  verifyUpTo?: number;
}

/**
 * Restores files of a point into a drive. A file is written all or nothing, with its dates, and what is there is known by
 * name, content and dates; so the work may be stopped at any moment and begun again, and nothing is doubled.
 *
 * @returns `done` (`warning` when a file was degraded or failed; files left out by the collision rule are listed but are as
 * they should be), or `yielded` when Microsoft asks to wait longer than the slot may be held, or the context asks.
 * @throws Failure `cancelled`, `lease-lost`, `stale`, and what concerns the whole drive: none there, no rights, `quota`.
 */
export async function restoreDrive(input: RestoreDriveInput): Promise<WorkOutcome> {
  const run = startDriveRestore(input.target, input.point, input.work, input.context);
  return restoreOutcome(run, () => restoreAll(run, input.verifyUpTo ?? DEFAULT_VERIFY_UP_TO));
}

async function restoreAll(starting: DriveRestore, verifyUpTo: number): Promise<void> {
  reportRestored(starting, 'listing');
  const drive = await starting.ask((signal) => starting.target.drive(signal));
  const run: OpenDriveRestore = Object.assign(starting, { drive });
  const plan = filesOnly(await planRestore(run.point, run.work.selection));
  run.counts.itemsTotal = await countPlanned(run.point, plan);
  run.counts.itemsFailed = plan.missing.length;
  run.issues.push(...plan.missing);
  run.isPlanned = true;
  reportRestored(run, 'listing');
  const places = await placeDriveFolders(run, plan);
  const stride = verifyStride(run.counts.itemsTotal, verifyUpTo);
  const restored: RestoredFile[] = [];
  await forEachLimited(plannedFiles(run, plan, places, stride), run.itemsAtOnce, async (file) => {
    const one = await restoreFile(run, file);
    if (one !== null && file.isVerified) restored.push(one);
    reportRestored(run, 'transferring');
  });
  await verifyFiles(run, restored);
}

function filesOnly(plan: RestorePlan): RestorePlan {
  const isOfDrive = ({ kind }: { kind: string }) => kind === 'files';
  return {
    ...plan,
    folders: plan.folders.filter(({ folder }) => isOfDrive(folder)),
    tree: plan.tree.filter(isOfDrive),
  };
}

/** The plan's files, folder by folder; a folder of the target is listed before its first file. */
async function* plannedFiles(
  run: OpenDriveRestore,
  plan: RestorePlan,
  places: ReadonlyMap<string, FolderPlace>,
  stride: number,
): AsyncGenerator<PlannedFile> {
  let index = 0;
  for (const planned of plan.folders) {
    const { folder, path, itemIds } = planned;
    const place = places.get(folder.id);
    if (place === undefined) throw new Error(`Folder ${folder.id} has no place.`);
    // The first name is that of the root.
    const folderPath = path.slice(1).join('/');
    if (itemIds === 'all' && 'id' in place) await shareFolder(run, planned, place.id);
    let open: PlannedFile['folder'] | null = 'id' in place ? null : place;
    for await (const itemId of idsOf(run.point, planned)) {
      open ??= 'id' in place ? await openTargetFolder(run.target, place.id, run.ask) : place;
      const isVerified = stride > 0 && index % stride === 0;
      index += 1;
      yield { containerId: folder.id, itemId, folderPath, folder: open, isVerified };
    }
  }
}

async function shareFolder(run: OpenDriveRestore, { folder, path }: PlannedFolder, id: string): Promise<void> {
  const permissions = await readStoredPermissions(folder, run.point);
  await restoreFolderPermissions(run, { itemId: folder.id, folderPath: path.slice(1).join('/') }, id, permissions);
}

async function* idsOf(point: PointReader, { folder, itemIds }: PlannedFolder): AsyncGenerator<string> {
  if (itemIds !== 'all') yield* itemIds;
  else for await (const { id } of point.items(folder.id)) yield id;
}
