import type { FileEntry } from '@backhaul/repository';
import { failingAlone } from '../../restore/item-failures.ts';
import { notInPoint } from '../../restore/plan-restore.ts';
import type { Loss } from '../../restore/restore-kind.ts';
import { endWithIssue, reason } from '../../restore/restore-run.ts';
import { isUnread } from '../../stored-item.ts';
import { readStoredFile, type StoredFile } from '../../stored-file.ts';
import type { OpenDriveRestore } from './drive-restore.ts';
import { decideFile } from './file-collision.ts';
import { storedLikeness, type FileLikeness, type FoundItem } from './file-likeness.ts';
import { acceptedName, nameBeside } from './file-names.ts';
import { restorePermissions } from './restore-permissions.ts';
import type { FolderPlace, TargetDriveFolder } from './target-folder.ts';
import { writeVersions } from './write-file.ts';

/** One file of the plan. */
export interface PlannedFile {
  containerId: string;
  itemId: string;
  /** Its folder in the point, names joined by `/`. */
  folderPath: string;
  folder: TargetDriveFolder | Extract<FolderPlace, { failure: unknown }>;
  /** It is among those that are read back afterwards. */
  isVerified: boolean;
}

/** A file that is in the target because of this restore. */
export interface RestoredFile {
  file: PlannedFile;
  folderId: string;
  id: string;
  expected: FileLikeness;
  stored: StoredFile;
  isDegraded: boolean;
}

/**
 * Restores one file; it ends as restored, skipped, degraded or failed, each with its reason.
 * @returns what is in the target now because of this restore, or null.
 * @throws what concerns the whole restore: rights, quota, throttling, a stop.
 */
export async function restoreFile(run: OpenDriveRestore, file: PlannedFile): Promise<RestoredFile | null> {
  return failingAlone(run, file, () => tryToRestore(run, file));
}

async function tryToRestore(run: OpenDriveRestore, file: PlannedFile): Promise<RestoredFile | null> {
  const entry = await run.point.get({ containerId: file.containerId, id: file.itemId });
  if (entry?.type !== 'item' || entry.kind !== 'file') {
    endWithIssue(run, file, 'failed', notInPoint(file.itemId, file.folderPath).failure);
    return null;
  }
  if ('failure' in file.folder) {
    endWithIssue(run, file, 'failed', file.folder.failure);
    return null;
  }
  const stored = await readStoredFile(entry, run.point);
  if (stored === null) {
    const message = `Microsoft could not deliver "${entry.name}" when the backup was made.`;
    endWithIssue(run, file, 'failed', reason('unreadable', 'restore.never-read', message, { name: entry.name }));
    return null;
  }
  const { folder } = file;
  const expected = { ...storedLikeness(entry), name: acceptedName(entry.name) };
  return folder.inOrder(expected.name.toLowerCase(), async () => {
    const there = await bringBack(run, file, folder, expected, stored);
    if (there === null) return null;
    const losses = [...lossesOf(entry, expected), ...(await restorePermissions(run, there.id, stored.permissions))];
    return ended(run, file, { folder, expected: { ...expected, name: there.name }, stored, there, losses });
  });
}

/** What is in the target now because of this restore, or for this file, or null: then it has ended already. */
async function bringBack(
  run: OpenDriveRestore,
  file: PlannedFile,
  folder: TargetDriveFolder,
  expected: FileLikeness,
  stored: StoredFile,
): Promise<(FoundItem & { isOurs: boolean }) | null> {
  const beside = nameBeside(expected.name, run.work.restoreId);
  const decision = decideFile(run.work.collision, expected, beside, (name) => folder.at(name));
  switch (decision.type) {
    case 'keep':
      // Everything in a new folder is of this restore.
      return { ...decision.item, isOurs: decision.isOurs || run.work.placement.type === 'new-folder' };
    case 'skip': {
      const message = 'Another file or folder of this name is there, and the collision rule leaves it as it is.';
      endWithIssue(run, file, 'skipped', reason('conflict', 'restore.other-version-there', message));
      return null;
    }
    case 'blocked': {
      const message = `A folder has the name "${expected.name}"; a file cannot take its place.`;
      endWithIssue(run, file, 'failed', reason('conflict', 'restore.name-taken', message));
      return null;
    }
    case 'write': {
      const written = await writeVersions(run, folder, { expected, stored, ...decision });
      folder.put(written);
      return { ...written, isOurs: true };
    }
  }
}

function ended(
  run: OpenDriveRestore,
  file: PlannedFile,
  outcome: {
    folder: TargetDriveFolder;
    expected: FileLikeness;
    stored: StoredFile;
    there: FoundItem & { isOurs: boolean };
    losses: readonly Loss[];
  },
): RestoredFile | null {
  const { folder, expected, stored, there, losses } = outcome;
  const [first] = losses;
  if (first !== undefined) {
    const message = losses.map((loss) => loss.message).join(' ');
    endWithIssue(run, file, 'degraded', reason('unreadable', first.code, message));
  } else if (there.isOurs) run.counts.itemsRestored += 1;
  else {
    const message = 'The same file is there already.';
    endWithIssue(run, file, 'skipped', reason('conflict', 'restore.already-there', message));
  }
  if (!there.isOurs) return null;
  return { file, folderId: folder.id, id: there.id, expected, stored, isDegraded: first !== undefined };
}

function lossesOf(entry: FileEntry, expected: FileLikeness): Loss[] {
  const losses: Loss[] = [];
  if (isUnread(entry)) {
    const message = 'The newest state could not be read when the backup was made; an older one was restored.';
    losses.push({ code: 'restore.older-version', message });
  }
  if (expected.name !== entry.name) {
    const message = `OneDrive takes no such name; "${entry.name}" was restored as "${expected.name}".`;
    losses.push({ code: 'restore.renamed', message });
  }
  return losses;
}
