import { Failure, isFailure } from '@backhaul/domain';
import type { FileEntry, FolderEntry, PartToStore } from '@backhaul/repository';
import { partOf } from '../../stored-item.ts';
import { FILE_PARTS, permissionsPart, readStoredPermissions } from '../../stored-file.ts';
import type { DriveItem } from '../drive-item.ts';
import type { DrivePermission } from '../drive-source.ts';
import { noteIssue, type DriveRun } from './drive-run.ts';

type Known = FileEntry | FolderEntry | null | undefined;

/**
 * Whether the permissions of a listed item must be looked at. A request for them costs five times as much as one for a
 * file, so only items that Microsoft calls shared are asked; what was shared before and is no more needs no request.
 */
export function needsPermissions(run: DriveRun, item: DriveItem, known: Known): boolean {
  return mayAsk(run) && (isShared(item) || hasPermissions(known));
}

/** What to store of the permissions of an item: its own, without those that it has from the folders above it. */
export async function storedPermissions(
  run: DriveRun,
  item: DriveItem,
  parentId: string,
  known: Known,
): Promise<PartToStore[]> {
  if (!mayAsk(run)) return keptPermissions(run, known);
  if (!isShared(item)) return [];
  try {
    const all = await run.pace.ask((signal) => run.source.permissions(item.id, signal));
    const part = permissionsPart(await ownPermissions(run, all, parentId));
    return part === null ? [] : [part];
  } catch (error) {
    if (isFailure(error, 'not-found')) return [];
    if (!isFailure(error, 'forbidden', 'permission-missing', ...ABOUT_THE_ITEM)) throw error;
    // Where one may not be read none may; that is said once.
    if (isFailure(error, 'forbidden', 'permission-missing')) run.permissionsRefused = true;
    noteUnread(run, item, parentId, error);
    return keptPermissions(run, known);
  }
}

const ABOUT_THE_ITEM = ['unavailable', 'timed-out', 'invalid-input', 'conflict', 'precondition', 'unreadable'] as const;

function mayAsk(run: DriveRun): boolean {
  return run.work.include.filePermissions && !run.permissionsRefused;
}

function isShared(item: DriveItem): boolean {
  return item.shared !== undefined && item.shared !== null;
}

function hasPermissions(known: Known): boolean {
  return known !== null && known !== undefined && partOf(known, FILE_PARTS.permissions) !== undefined;
}

/** What is stored stays only while it is wanted and could not be had anew. */
function keptPermissions(run: DriveRun, known: Known): PartToStore[] {
  const part = known === null || known === undefined ? undefined : partOf(known, FILE_PARTS.permissions);
  return part === undefined || !run.work.include.filePermissions ? [] : [{ kept: part }];
}

/** Microsoft often leaves out where a permission comes from; then it stands under the same id at a folder above. */
async function ownPermissions(
  run: DriveRun,
  all: readonly DrivePermission[],
  parentId: string,
): Promise<DrivePermission[]> {
  const above = new Set<string>();
  for (const folderId of run.folders.lineage(parentId)) {
    const folder = run.folders.get(folderId);
    if (folder === undefined || !hasPermissions(folder)) continue;
    for (const { id } of await readStoredPermissions(folder, run.session)) above.add(id);
  }
  return all.filter(({ id, inheritedFrom }) => (inheritedFrom ?? null) === null && !above.has(id));
}

function noteUnread(run: DriveRun, item: DriveItem, folderId: string, cause: Failure): void {
  const failure = new Failure(cause.kind, {
    code: 'drive.permissions-unread',
    message: run.permissionsRefused
      ? `Permissions of files may not be read: ${cause.message}`
      : `The permissions of the item could not be read: ${cause.message}`,
    retry: 'later',
    where: { ...cause.where },
    cause,
    ...(cause.hint !== undefined && { hint: cause.hint }),
  });
  noteIssue(run, { id: item.id, folderId, ...(item.name !== undefined && { name: item.name }) }, 'degraded', failure);
}
