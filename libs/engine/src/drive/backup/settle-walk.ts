import { isFailure } from '@backhaul/domain';
import type { FileEntry } from '@backhaul/repository';
import { forEachLimited } from '../../limiter.ts';
import { roleOf } from '../drive-item.ts';
import { childPages } from './drive-pages.ts';
import type { DriveRun } from './drive-run.ts';
import type { DriveWalk } from './drive-walk.ts';
import { placeFile, readPlaced, takeListed } from './place-file.ts';
import { readFolder } from './read-folder.ts';

/** What a list that has come to its end says as a whole: which folders are missing, what was moved, and what is gone. */
export async function settleWalk(run: DriveRun, walk: DriveWalk): Promise<void> {
  await findParents(run, walk);
  await listNewFolders(run, walk);
  const known = await findPlaces(run, new Set([...walk.unplaced.keys(), ...(await unresolved(run, walk))]));
  await placeRest(run, walk, known);
  await removeGone(run, walk, known);
  if (walk.present !== null) await removeUnlisted(run, walk, walk.present);
}

/** Folders that something lies in and that were not listed by themselves, up to the root. */
async function findParents(run: DriveRun, walk: DriveWalk): Promise<void> {
  for (const id of walk.parents) {
    for (let at: string | undefined = id; at !== undefined && at !== '' && !run.folders.has(at);) {
      at = await readParent(run, walk, at);
    }
  }
}

async function readParent(run: DriveRun, walk: DriveWalk, id: string): Promise<string | undefined> {
  try {
    const item = await run.pace.ask((signal) => run.source.item(id, signal));
    const parentId = roleOf(item) === 'root' ? '' : (item.parentReference?.id ?? run.drive.rootId);
    if (!walk.isWhole) walk.newFolders.add(id);
    walk.listed(id, parentId);
    if (await readFolder(run, item)) walk.effects += 1;
    return parentId;
  } catch (error) {
    // Gone since: that is told in the next round.
    if (isFailure(error, 'not-found')) return undefined;
    throw error;
  }
}

/**
 * The feed has been seen to leave out what lies in a folder that was copied and moved, so a folder that is new is listed once
 * by itself.
 */
async function listNewFolders(run: DriveRun, walk: DriveWalk): Promise<void> {
  for (const folderId of walk.newFolders) {
    if (walk.gone.has(folderId)) continue;
    for await (const children of childPages(run, folderId)) {
      for (const item of children) {
        if (walk.unplaced.has(item.id)) continue;
        const file = await takeListed(run, walk, item);
        if (file !== null) await placeFile(run, walk, file);
      }
    }
  }
}

/** Files reported gone that do not lie where they were said to lie. */
async function unresolved(run: DriveRun, walk: DriveWalk): Promise<string[]> {
  const ids: string[] = [];
  for (const [id, folderId] of walk.gone) {
    if (run.folders.has(id)) continue;
    const isThere = folderId !== undefined && (await run.session.get({ containerId: folderId, id })) !== null;
    if (!isThere) ids.push(id);
  }
  return ids;
}

/** Where files are stored, by one pass over what is stored: the memory it takes is that of the files looked for. */
async function findPlaces(run: DriveRun, ids: ReadonlySet<string>): Promise<Map<string, FileEntry>> {
  const places = new Map<string, FileEntry>();
  if (ids.size === 0) return places;
  for (const folderId of run.folders.ids) {
    for await (const entry of run.session.items(folderId)) {
      if (entry.kind === 'file' && ids.has(entry.id)) places.set(entry.id, entry);
    }
    if (places.size === ids.size) break;
  }
  return places;
}

async function placeRest(run: DriveRun, walk: DriveWalk, known: ReadonlyMap<string, FileEntry>): Promise<void> {
  const files = [...walk.unplaced.values()].filter(({ id }) => !walk.gone.has(id));
  await forEachLimited(files, run.source.concurrency, async (item) => {
    await readPlaced(run, walk, item, known.get(item.id) ?? null).catch((error: unknown) => {
      throw run.pace.stop(error);
    });
  });
}

async function removeGone(run: DriveRun, walk: DriveWalk, known: ReadonlyMap<string, FileEntry>): Promise<void> {
  for (const [id, folderId] of walk.gone) {
    if (run.folders.has(id)) continue;
    const there = folderId === undefined ? null : await run.session.get({ containerId: folderId, id });
    const entry = there ?? known.get(id);
    if (entry?.type === 'item') removeFile(run, walk, entry);
  }
  for (const id of walk.gone.keys()) {
    if (!run.folders.has(id)) continue;
    // What was moved out of it lies in another folder by now.
    for (const folderId of run.folders.withDescendants(id)) await removeFolder(run, walk, folderId);
  }
}

/** After a list of everything: what is stored and was not listed, or was listed elsewhere, is not there. */
async function removeUnlisted(run: DriveRun, walk: DriveWalk, present: ReadonlyMap<string, string>): Promise<void> {
  for (const folderId of run.folders.ids) {
    if (!present.has(folderId)) {
      await removeFolder(run, walk, folderId);
      continue;
    }
    for (const entry of await filesIn(run, folderId)) {
      if (present.get(entry.id) === folderId) continue;
      if (present.has(entry.id)) run.session.remove(entry);
      else removeFile(run, walk, entry);
    }
  }
}

async function removeFolder(run: DriveRun, walk: DriveWalk, folderId: string): Promise<void> {
  for (const entry of await filesIn(run, folderId)) removeFile(run, walk, entry);
  await run.session.removeFolder(folderId);
  run.folders.delete(folderId);
  walk.effects += 1;
}

function removeFile(run: DriveRun, walk: DriveWalk, entry: Pick<FileEntry, 'containerId' | 'id' | 'size'>): void {
  run.session.remove(entry);
  run.bytesTotal -= entry.size;
  run.counts.itemsDeleted += 1;
  run.skipped.delete(entry.id);
  walk.effects += 1;
}

async function filesIn(run: DriveRun, folderId: string): Promise<FileEntry[]> {
  const files: FileEntry[] = [];
  for await (const entry of run.session.items(folderId)) if (entry.kind === 'file') files.push(entry);
  return files;
}
