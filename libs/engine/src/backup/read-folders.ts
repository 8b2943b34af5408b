import type { FolderEntry } from '@backhaul/repository';
import { folderPaths } from '../folder-paths.ts';
import type { MailFolder } from '../mail-source.ts';
import type { BackupRun } from './backup-run.ts';
import { chooseTracking } from './choose-tracking.ts';
import { finishedContainer, type ContainerProgress } from './container-progress.ts';

/**
 * Lists the mailbox's folders and brings the point's folder entries up to date. A folder that is no longer listed is only
 * reported as removed: its messages may have been moved, which the following rounds find out.
 */
export async function readFolders(run: BackupRun, round: number): Promise<void> {
  const listed = await run.pace.ask((signal) => run.source.folders(signal));
  const known = new Map((await run.session.folders()).map((folder) => [folder.id, folder]));
  const paths = folderPaths(listed);
  for (const folder of listed) {
    const entry = folderEntry(folder);
    if (!isSameFolder(known.get(folder.id), entry)) run.session.putEntry(entry);
    known.delete(folder.id);
    run.removals.withdrawContainer(folder.id);
    const container = run.containers.get(folder.id);
    const path = paths.get(folder.id) ?? [folder.name];
    if (container !== undefined) {
      container.path = path;
      continue;
    }
    run.containers.set(folder.id, newContainer(run, folder.id, path));
    // Where an earlier attempt of this task put what arrived is not known any more: it may be anywhere.
    if (run.session.resumed !== null) run.arrivals.assume(folder.id);
  }
  for (const gone of known.keys()) {
    run.removals.reportContainer(gone, round);
    run.containers.delete(gone);
  }
  run.itemsExpected = readsEverything(run) ? countMessages(listed) : null;
}

/** What changed since the last point is known only when it has been listed. */
function readsEverything(run: BackupRun): boolean {
  const { changeTracking, forceFull } = run.work;
  return run.session.base === null || forceFull || changeTracking.mode === 'full';
}

function countMessages(folders: readonly MailFolder[]): number | null {
  let count = 0;
  for (const { itemCount } of folders) {
    if (itemCount === undefined) return null;
    count += itemCount;
  }
  return count;
}

function newContainer(run: BackupRun, id: string, path: string[]): ContainerProgress {
  const previous = run.session.base?.containers.find((state) => state.containerId === id) ?? null;
  const resumed = run.resumed.get(id);
  return {
    id,
    path,
    tracking: chooseTracking(run.work, previous, run.scope),
    previous,
    read: resumed?.cursorScope === run.scope ? finishedContainer(resumed) : null,
    unsettledFrom: null,
    failure: null,
  };
}

function folderEntry(folder: MailFolder): FolderEntry {
  const { id, parentId, name, wellKnownName, hidden } = folder;
  return { type: 'folder', containerId: '', id, parentId, name, wellKnownName, hidden };
}

function isSameFolder(known: FolderEntry | undefined, now: FolderEntry): boolean {
  return (
    known !== undefined &&
    known.parentId === now.parentId &&
    known.name === now.name &&
    known.wellKnownName === now.wellKnownName &&
    known.hidden === now.hidden
  );
}
