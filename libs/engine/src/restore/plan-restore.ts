import { Failure, failureRecord, type ItemIssue, type ItemKind, type RestoreSelection } from '@backhaul/domain';
import type { FolderEntry, PointReader } from '@backhaul/repository';
import { folderPaths } from '../folder-paths.ts';

/** One folder of the point and what of it is restored. */
export interface PlannedFolder {
  folder: FolderEntry;
  /** Display names in the point, from the top folder down. */
  path: string[];
  itemIds: 'all' | string[];
}

export interface RestorePlan {
  /** Kind by kind, parents before children. */
  folders: PlannedFolder[];
  /** Every folder of the point, for the places of those that are restored. */
  tree: FolderEntry[];
  /** What was selected and is not in the point. */
  missing: ItemIssue[];
}

/** Turns a selection into folders and items of a point. A selected folder brings what is below it. */
export async function planRestore(point: PointReader, selection: RestoreSelection): Promise<RestorePlan> {
  const tree = await point.folders();
  const paths = folderPaths(tree);
  const missing: ItemIssue[] = [];
  const wanted = new Map<string, 'all' | string[]>();
  const known = new Set(tree.map(({ id }) => id));
  switch (selection.type) {
    case 'all':
      for (const { id, kind } of tree) if (covers(selection.kinds, kind)) wanted.set(id, 'all');
      break;
    case 'folders':
      for (const id of selection.folderIds) if (!known.has(id)) missing.push(notInPoint(id, ''));
      for (const id of withDescendants(tree, selection.folderIds)) wanted.set(id, 'all');
      break;
    case 'items':
      for (const { folderId, itemId } of selection.items) {
        if (!known.has(folderId)) missing.push(notInPoint(itemId, ''));
        else wanted.set(folderId, [...new Set([...(wanted.get(folderId) ?? []), itemId])]);
      }
  }
  const folders = tree.flatMap((folder): PlannedFolder[] => {
    const itemIds = wanted.get(folder.id);
    return itemIds === undefined ? [] : [{ folder, path: paths.get(folder.id) ?? [folder.name], itemIds }];
  });
  return { folders: folders.sort(inOrder), tree, missing };
}

/** How many items the plan has. */
export async function countPlanned(point: PointReader, plan: RestorePlan): Promise<number> {
  let count = plan.missing.length;
  for (const { folder, itemIds } of plan.folders) {
    if (itemIds !== 'all') count += itemIds.length;
    else for await (const _ of point.items(folder.id)) count += 1;
  }
  return count;
}

/** The issue of an item (or folder) that was selected and is not in the point. */
export function notInPoint(itemId: string, folderPath: string): ItemIssue {
  const failure = new Failure('not-found', {
    code: 'restore.not-in-point',
    message: 'It is not in this recovery point.',
    retry: 'never',
    hint: 'Choose it again from the contents of the recovery point.',
  });
  return { itemId, folderPath, result: 'failed', failure: failureRecord(failure) };
}

/** No kinds stand for all that the point covers. */
function covers(kinds: readonly ItemKind[], kind: ItemKind): boolean {
  return kinds.length === 0 || kinds.includes(kind);
}

const ORDER: Readonly<Record<ItemKind, number>> = { mail: 0, contacts: 1, calendar: 2, files: 3 };

function inOrder(a: PlannedFolder, b: PlannedFolder): number {
  return ORDER[a.folder.kind] - ORDER[b.folder.kind] || a.path.length - b.path.length;
}

function withDescendants(tree: readonly FolderEntry[], folderIds: readonly string[]): Set<string> {
  const ids = new Set(tree.map(({ id }) => id).filter((id) => folderIds.includes(id)));
  for (let before = -1; before !== ids.size;) {
    before = ids.size;
    for (const folder of tree) if (ids.has(folder.parentId)) ids.add(folder.id);
  }
  return ids;
}
