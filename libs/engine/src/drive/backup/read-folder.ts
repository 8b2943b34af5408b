import type { FolderEntry, FolderListing } from '@backhaul/repository';
import { FILE_PARTS, folderPropertiesPart, isStored } from '../../stored-file.ts';
import { partOf } from '../../stored-item.ts';
import { roleOf, type DriveItem } from '../drive-item.ts';
import type { DriveRun } from './drive-run.ts';
import { needsPermissions, storedPermissions } from './read-permissions.ts';

/**
 * Brings one listed folder into the point. A folder is listed with every change of what lies below it, so it is written only
 * when something of its own has changed. What lies in it stays where it is: files are kept under their folder's id.
 * @returns whether the point was changed.
 */
export async function readFolder(run: DriveRun, item: DriveItem): Promise<boolean> {
  const known = run.folders.get(item.id);
  const isRoot = roleOf(item) === 'root';
  const listing: FolderListing = {
    type: 'folder',
    containerId: '',
    kind: 'files',
    id: item.id,
    parentId: isRoot ? '' : (item.parentReference?.id ?? run.drive.rootId),
    name: item.name ?? known?.name ?? '',
    wellKnownName: null,
    hidden: false,
  };
  const properties = folderPropertiesPart(item);
  const asksPermissions = needsPermissions(run, item, known);
  if (known !== undefined && isSame(known, listing) && isStored(properties, known.parts) && !asksPermissions)
    return false;
  // At once, so that what is listed after it finds its path.
  run.folders.set({ ...listing, parts: known?.parts ?? [] });
  const permissions = await storedPermissions(run, item, listing.parentId, known);
  if (known !== undefined && isSame(known, listing) && isStored(properties, known.parts) && keeps(known, permissions))
    return false;
  run.folders.set(await run.session.putFolder(listing, [properties, ...permissions]));
  return true;
}

function isSame(known: FolderEntry, now: FolderListing): boolean {
  return known.parentId === now.parentId && known.name === now.name;
}

function keeps(known: FolderEntry, permissions: Awaited<ReturnType<typeof storedPermissions>>): boolean {
  const [part] = permissions;
  if (part === undefined) return partOf(known, FILE_PARTS.permissions) === undefined;
  return 'kept' in part || isStored(part, known.parts);
}
