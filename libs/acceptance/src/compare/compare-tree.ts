import type { ItemKind } from '@backhaul/domain';
import type { FolderEntry, ItemEntry, PointReader } from '@backhaul/repository';
import type { Comparison, Difference, Report } from './difference.ts';

/** What a point must hold of one kind of items, by the tenant's own truth. */
export interface ExpectedTree {
  /** Principal name of the user whose it is. */
  owner: string;
  kind: ItemKind;
  folders: ExpectedFolder[];
  items: ExpectedItem[];
}

export interface ExpectedFolder {
  id: string;
  /** Display names from the top folder down. */
  path: string[];
  /** What else must be so of it; returns what is not. */
  compare?: (stored: FolderEntry) => string | null;
}

export interface ExpectedItem {
  id: string;
  folderId: string;
  /** Compares what is stored of it; notes what differs. */
  compare: (stored: ItemEntry, point: PointReader, folderPath: string[], differs: Report) => Promise<void>;
}

/** Holds the point's folders and items of one kind against the truth: everything is there, nothing else, all of it equal. */
export async function compareTree(point: PointReader, expected: ExpectedTree): Promise<Comparison> {
  const differences: Difference[] = [];
  const differs: Report = (item, problem) => differences.push({ object: expected.owner, item, problem });
  const ofKind = (await point.folders()).filter(({ kind }) => kind === expected.kind);
  const folders = new Map(ofKind.map((folder) => [folder.id, folder]));
  compareFolders(folders, expected.folders, differs);

  const missing = new Map(expected.items.map((item) => [item.id, item]));
  let bytes = 0;
  for (const folder of folders.values()) {
    const items: ItemEntry[] = [];
    for await (const item of point.items(folder.id)) items.push(item);
    // Read in the order in which they are stored, each segment is decoded once.
    for (const item of point.inStorageOrder(items)) {
      const one = missing.get(item.id);
      missing.delete(item.id);
      if (one === undefined) differs(item.id, 'is in the point, but not in the tenant');
      else if (one.folderId !== folder.id) differs(item.id, `lies in "${folder.name}", not where the tenant has it`);
      else {
        await one.compare(item, point, pathOf(folder, folders), differs);
        bytes += item.size;
      }
    }
  }
  for (const { id } of missing.values()) differs(id, 'is in the tenant, but not in the point');
  return { items: expected.items.length, folders: expected.folders.length, bytes, differences };
}

function compareFolders(stored: Map<string, FolderEntry>, expected: ExpectedFolder[], differs: Report): void {
  const missing = new Map(expected.map((folder) => [folder.id, folder]));
  for (const folder of stored.values()) {
    const one = missing.get(folder.id);
    missing.delete(folder.id);
    const path = pathOf(folder, stored).join('/');
    const problem = one?.compare?.(folder) ?? null;
    if (one === undefined) differs(folder.id, `folder "${folder.name}" is in the point, but not in the tenant`);
    else if (path !== one.path.join('/')) differs(folder.id, `folder path is "${path}", not "${one.path.join('/')}"`);
    else if (problem !== null) differs(folder.id, `folder "${folder.name}" ${problem}`);
  }
  for (const folder of missing.values()) differs(folder.id, `folder "${folder.path.join('/')}" is not in the point`);
}

/** Display names from the top folder down. */
function pathOf(folder: FolderEntry, folders: ReadonlyMap<string, FolderEntry>): string[] {
  const parent = folders.get(folder.parentId);
  return parent === undefined ? [folder.name] : [...pathOf(parent, folders), folder.name];
}
