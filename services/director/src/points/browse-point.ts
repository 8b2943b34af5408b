import { folderPaths } from '@backhaul/engine';
import { Failure } from '@backhaul/domain';
import type { FolderEntry, ItemEntry, PointReader } from '@backhaul/repository';
import type { DataSource } from 'typeorm';
import type { OpenRepositories } from '../repositories/open-repositories.ts';
import type { PointRef } from './point-id.ts';
import { readPoint } from './point.store.ts';

/** Opens a recovery point for reading. @throws Failure `not-found`, and what the repository throws. */
export async function openPoint(
  database: DataSource,
  repositories: OpenRepositories,
  ref: PointRef,
): Promise<PointReader> {
  const { repositoryId } = await readPoint(database, ref);
  const repository = await repositories.get(repositoryId);
  return repository.openPoint({ jobId: ref.jobId, objectId: ref.objectId }, ref.sequence);
}

/** A folder with the names from the top folder down. */
export interface FolderWithPath extends FolderEntry {
  path: string[];
}

/** All folders of a point, in order of their paths. */
export async function foldersOf(point: PointReader): Promise<FolderWithPath[]> {
  const folders = await point.folders();
  const paths = folderPaths(folders);
  return folders
    .map((folder) => ({ ...folder, path: paths.get(folder.id) ?? [folder.name] }))
    .sort((a, b) => compare(a.path.join('\0'), b.path.join('\0')) || compare(a.id, b.id));
}

/** Items of a folder behind the one with id `after`, in order of their ids; at most `limit` and one. @throws Failure `not-found`. */
export async function itemsOf(
  point: PointReader,
  folderId: string,
  after: string | null,
  limit: number,
): Promise<ItemEntry[]> {
  if ((await point.get({ containerId: '', id: folderId }))?.type !== 'folder') throw folderNotFound(folderId);
  const page: ItemEntry[] = [];
  for await (const item of point.items(folderId, after ?? '')) {
    if (item.id === after) continue;
    page.push(item);
    if (page.length > limit) break;
  }
  return page;
}

/** The item, looked for in `folderId` or, without one, in every folder. @throws Failure `not-found`. */
export async function findItem(
  point: PointReader,
  itemId: string,
  folderId: string | null,
): Promise<{ item: ItemEntry; folder: FolderWithPath }> {
  const folders = await foldersOf(point);
  for (const folder of folderId === null ? folders : folders.filter(({ id }) => id === folderId)) {
    const entry = await point.get({ containerId: folder.id, id: itemId });
    if (entry?.type === 'item') return { item: entry, folder };
  }
  throw new Failure('not-found', {
    code: 'item.not-found',
    message: 'There is no such item in this point.',
    hint: 'List the items of a folder of the point to find its id.',
    retry: 'never',
  });
}

export function folderNotFound(folderId: string): Failure {
  return new Failure('not-found', {
    code: 'folder.not-found',
    message: 'There is no such folder in this point.',
    hint: "List the point's folders to find its id.",
    retry: 'never',
    where: { folderId },
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
