import { Failure } from '@backhaul/domain';
import type { FileEntry } from '@backhaul/repository';
import { roleOf, type DriveItem } from '../drive-item.ts';
import { noteIssue, type DriveRun } from './drive-run.ts';
import type { DriveWalk } from './drive-walk.ts';
import { readFile } from './read-file.ts';
import { readFolder } from './read-folder.ts';

/** A file as it was listed, and where an earlier page of the same walk had it. */
export interface ListedFile {
  item: DriveItem;
  folderId: string;
  earlierFolderId: string | undefined;
}

/** Folders are brought into the point at once, so that what lies in them finds its path; files are returned. */
export async function takeListed(run: DriveRun, walk: DriveWalk, item: DriveItem): Promise<ListedFile | null> {
  const folderId = folderOf(run, item);
  switch (roleOf(item)) {
    case 'root':
    case 'folder': {
      const isRoot = item.id === run.drive.rootId;
      if (!run.folders.has(item.id) && !walk.isWhole) walk.newFolders.add(item.id);
      walk.listed(item.id, isRoot ? '' : folderId);
      if (await readFolder(run, item)) walk.effects += 1;
      return null;
    }
    case 'file': {
      const earlierFolderId = walk.present?.get(item.id);
      walk.listed(item.id, folderId);
      if (walk.transfersAll) run.transferred.fileListed(folderId);
      return { item, folderId, earlierFolderId };
    }
    case 'shortcut':
      run.shortcuts.add(item.id);
      return null;
    case 'other':
      noteUnknown(run, item, folderId);
      return null;
  }
}

/**
 * Reads a file that is stored where it was listed. One that is not may be new or moved: that is found out for all of them
 * together when the list has come to its end, unless nothing can be stored elsewhere.
 */
export async function placeFile(run: DriveRun, walk: DriveWalk, file: ListedFile): Promise<void> {
  const { item, folderId, earlierFolderId } = file;
  const here = await storedFile(run, folderId, item.id);
  const mayLieElsewhere = run.session.base !== null || run.position !== null;
  if (here === null && mayLieElsewhere) {
    walk.unplaced.set(item.id, item);
    return;
  }
  walk.unplaced.delete(item.id);
  const known = here ?? (earlierFolderId === undefined ? null : await storedFile(run, earlierFolderId, item.id));
  await readPlaced(run, walk, item, known);
}

/** Reads a file of which it is known where it is stored. What this task has transferred before is not transferred again. */
export async function readPlaced(
  run: DriveRun,
  walk: DriveWalk,
  item: DriveItem,
  known: FileEntry | null,
): Promise<void> {
  const folderId = folderOf(run, item);
  const isDone = run.transferred.has(folderId, item.id);
  const transfer = walk.transfersAll && !isDone ? 'everything' : 'differences';
  if (await readFile(run, item, folderId, known, transfer)) walk.effects += 1;
  if (walk.transfersAll) run.transferred.fileDone(folderId, item.id);
}

function folderOf(run: DriveRun, item: DriveItem): string {
  return item.parentReference?.id ?? run.drive.rootId;
}

async function storedFile(run: DriveRun, containerId: string, id: string): Promise<FileEntry | null> {
  const entry = await run.session.get({ containerId, id });
  return entry?.type === 'item' && entry.kind === 'file' ? entry : null;
}

function noteUnknown(run: DriveRun, item: DriveItem, folderId: string): void {
  const failure = new Failure('unreadable', {
    code: 'drive.item-unknown',
    message: 'The item is neither a file nor a folder; it is not backed up.',
    retry: 'never',
  });
  noteIssue(run, { id: item.id, folderId, ...(item.name !== undefined && { name: item.name }) }, 'skipped', failure);
}
