import { failureRecord, isFailure } from '@backhaul/domain';
import type { FolderEntry } from '@backhaul/repository';
import type { RestorePlan } from '../../restore/plan-restore.ts';
import { endWithIssue, reason } from '../../restore/restore-run.ts';
import { readStoredProperties } from '../../stored-file.ts';
import { roleOf, type DriveItem, type FileDates } from '../drive-item.ts';
import type { OpenDriveRestore } from './drive-restore.ts';
import { acceptedName, nameBeside } from './file-names.ts';
import type { FolderPlace } from './target-folder.ts';

/**
 * Finds or makes the target of every planned folder, parents first. Original place: the folder with the same id (in the same
 * drive a renamed or moved one is found), else the one at the same path, else a new one. New folder: the same path below that
 * folder, whatever is elsewhere. A folder that cannot be made takes its files with it; that is said of each.
 */
export async function placeDriveFolders(run: OpenDriveRestore, plan: RestorePlan): Promise<Map<string, FolderPlace>> {
  const { placement } = run.work;
  const sources = new Map(plan.tree.map((folder) => [folder.id, folder]));
  const rootIds = new Set(plan.tree.filter(({ parentId }) => parentId === '').map(({ id }) => id));
  const isSameDrive = rootIds.has(run.drive.rootId);
  const top = placement.type === 'original' ? run.drive.rootId : await makeTop(run, placement.name);
  const placed = new Map<string, FolderPlace>();

  const place = async (source: FolderEntry | undefined, below: readonly string[]): Promise<FolderPlace> => {
    if (source === undefined || source.parentId === '' || below.includes(source.id)) return { id: top };
    const known = placed.get(source.id);
    if (known !== undefined) return known;
    const properties = await readStoredProperties(source, run.point);
    const same = placement.type === 'original' && isSameDrive ? await sameFolder(run, source, properties) : null;
    const found = same ?? (await placeBelow(run, source, properties, await parentOf(source, below)));
    placed.set(source.id, found);
    return found;
  };
  const parentOf = (source: FolderEntry, below: readonly string[]) =>
    place(sources.get(source.parentId), [...below, source.id]);

  for (const { folder } of plan.folders) placed.set(folder.id, await place(folder, []));
  return placed;
}

async function makeTop(run: OpenDriveRestore, name: string): Promise<string> {
  const { rootId } = run.drive;
  return (await run.ask((signal) => run.target.ensureFolder(rootId, acceptedName(name), null, signal))).id;
}

/** The folder that was backed up, wherever it lies now. Into a notebook no file can be written. */
async function sameFolder(
  run: OpenDriveRestore,
  source: FolderEntry,
  properties: DriveItem | null,
): Promise<FolderPlace | null> {
  if (isNotebook(properties)) return null;
  const item = await run.ask((signal) => run.target.item(source.id, signal));
  return item !== null && roleOf(item) === 'folder' && !isNotebook(item) ? { id: item.id } : null;
}

async function placeBelow(
  run: OpenDriveRestore,
  source: FolderEntry,
  properties: DriveItem | null,
  parent: FolderPlace,
): Promise<FolderPlace> {
  if ('failure' in parent) return parent;
  const name = acceptedName(source.name);
  try {
    const made = await makeFolder(run, parent.id, name, properties?.fileSystemInfo ?? null);
    noteAltered(run, source, properties, made.name ?? name);
    return { id: made.id };
  } catch (error) {
    if (!isFailure(error, 'invalid-input', 'conflict', 'not-found', 'unavailable', 'timed-out')) throw error;
    const failure = failureRecord(error);
    endWithIssue(run, { itemId: source.id, folderPath: source.name }, 'failed', failure);
    return { failure };
  }
}

/** Where a file (or a notebook) has the name, the folder is made beside it. */
async function makeFolder(
  run: OpenDriveRestore,
  parentId: string,
  name: string,
  dates: FileDates | null,
): Promise<DriveItem> {
  try {
    return await run.ask((signal) => run.target.ensureFolder(parentId, name, dates, signal));
  } catch (error) {
    if (!isFailure(error, 'conflict')) throw error;
    const beside = nameBeside(name, run.work.restoreId);
    return run.ask((signal) => run.target.ensureFolder(parentId, beside, dates, signal));
  }
}

function noteAltered(run: OpenDriveRestore, source: FolderEntry, properties: DriveItem | null, name: string): void {
  const place = { itemId: source.id, folderPath: source.name };
  if (isNotebook(properties)) {
    const message = `The notebook "${source.name}" came back as a folder with its sections as files.`;
    endWithIssue(run, place, 'degraded', reason('invalid-input', 'restore.notebook-as-folder', message));
  } else if (name.toLowerCase() !== source.name.toLowerCase()) {
    const message = `The folder "${source.name}" was restored as "${name}".`;
    endWithIssue(run, place, 'degraded', reason('invalid-input', 'restore.renamed', message, { name }));
  }
}

function isNotebook(item: DriveItem | null): boolean {
  return item?.package !== undefined;
}
