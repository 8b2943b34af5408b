import { Failure } from '@backhaul/domain';
import type { FolderEntry, FolderListing } from '@backhaul/repository';
import { folderPaths } from '../folder-paths.ts';
import type { SourceFolder } from '../item-source.ts';
import { noteContainer, type BackupRun, type KindReading } from './backup-run.ts';
import { chooseTracking } from './choose-tracking.ts';
import { finishedContainer, type ContainerProgress } from './container-progress.ts';
import { isHeldOff } from './hold-off.ts';

/**
 * Lists the folders of one kind and brings the point's folder entries up to date. A folder that is no longer listed is only
 * reported as removed: its items may have been moved, which the following rounds find out.
 */
export async function readFolders(reading: KindReading, round: number): Promise<void> {
  const { run, of, containers } = reading;
  const listed = await run.pace.ask((signal) => of.source.folders(signal));
  const known = new Map((await storedFolders(reading)).map((folder) => [folder.id, folder]));
  const paths = folderPaths(listed);
  for (const folder of listed) {
    const entry = folderEntry(reading, folder);
    if (!isSameFolder(known.get(folder.id), entry)) run.session.putEntry({ ...entry, parts: [] });
    known.delete(folder.id);
    reading.removals.withdrawContainer(folder.id);
    const container = containers.get(folder.id);
    const path = paths.get(folder.id) ?? [folder.name];
    if (container !== undefined) {
      container.path = path;
      continue;
    }
    const added = newContainer(reading, folder.id, path);
    containers.set(folder.id, added);
    if (added.tracked === 'not-tried') noteContainer(run, added, heldOff(added), 'degraded');
    // Where an earlier attempt of this task put what arrived is not known any more: it may be anywhere.
    if (run.session.resumed !== null) reading.arrivals.assume(folder.id);
  }
  for (const gone of known.keys()) {
    reading.removals.reportContainer(gone, round);
    containers.delete(gone);
  }
  if (round === 0) expectItems(run, listed);
}

/** The folders of this kind as the point has them so far. */
export async function storedFolders({ run, of }: KindReading): Promise<FolderEntry[]> {
  return (await run.session.folders()).filter(({ kind }) => kind === of.kind);
}

/** A container of which this attempt has read nothing. */
export function newContainer({ run, scope }: KindReading, id: string, path: string[]): ContainerProgress {
  const previous = run.session.base?.containers.find((state) => state.containerId === id) ?? null;
  const resumed = run.resumed.get(id);
  const tracking = chooseTracking(run.work, previous, scope);
  const waits = tracking.method === 'microsoft-delta' && isHeldOff(previous, run.context.clock.now());
  return {
    id,
    path,
    tracking: waits ? { ...tracking, method: 'comparison', cursor: null, keepsCursor: false } : tracking,
    tracked: waits ? 'not-tried' : 'worked',
    previous,
    read: resumed?.cursorScope === scope ? finishedContainer(resumed) : null,
    unsettledFrom: null,
    failure: null,
  };
}

function heldOff({ path, previous }: ContainerProgress): Failure {
  const folder = path.join('/');
  return new Failure('unavailable', {
    code: 'change-tracking.held-off',
    message: `Change tracking of "${folder}" has failed again and again; the folder was listed and compared instead.`,
    retry: 'later',
    where: { until: previous?.setbacks?.heldOffUntil ?? '' },
  });
}

/** Adds what a listing tells, where everything is to be read; what has changed since the last point nobody can say before. */
function expectItems(run: BackupRun, folders: readonly SourceFolder[]): void {
  const { changeTracking, forceFull } = run.work;
  const readsEverything = run.session.base === null || forceFull || changeTracking.mode === 'full';
  if (!readsEverything) return;
  const counts = folders.flatMap(({ itemCount }) => itemCount ?? []);
  if (counts.length > 0) run.itemsExpected = counts.reduce((sum, count) => sum + count, run.itemsExpected ?? 0);
}

function folderEntry({ of }: KindReading, folder: SourceFolder): FolderListing {
  const { id, parentId, name, wellKnownName, hidden } = folder;
  return { type: 'folder', containerId: '', kind: of.kind, id, parentId, name, wellKnownName, hidden };
}

function isSameFolder(known: FolderEntry | undefined, now: FolderListing): boolean {
  return (
    known !== undefined &&
    known.parentId === now.parentId &&
    known.name === now.name &&
    known.wellKnownName === now.wellKnownName &&
    known.hidden === now.hidden
  );
}
