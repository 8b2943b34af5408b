import { foldName, type RestorePlacement } from '@backhaul/domain';
import type { FolderEntry } from '@backhaul/repository';
import { folderPaths } from '../folder-paths.ts';
import type { PlaceFound } from '../item-target.ts';
import type { PlannedFolder, RestorePlan } from './plan-restore.ts';
import type { Ask, RestoreKind } from './restore-kind.ts';
import type { TargetFolder } from './target-folder.ts';

/**
 * Finds or makes the target of every planned folder of one kind. Original place: the folder with the same well-known name,
 * else with the same id, else at the same path, else a new one. New folder: the same path below that folder, whatever is
 * elsewhere; kinds whose folders do not nest have its name in front of theirs instead. Folders are looked for in the
 * target as it is now; making one that is there already finds it.
 */
export async function placeFolders(
  { kind, target, folders: shape }: RestoreKind,
  plan: RestorePlan,
  placement: RestorePlacement,
  ask: Ask,
): Promise<Map<string, TargetFolder>> {
  const planned = plan.folders.filter(({ folder }) => folder.kind === kind);
  if (planned.length === 0) return new Map();
  const there = await ask((signal) => target.folders(signal));
  const ensure = async (parentId: string, name: string, hidden: boolean): Promise<PlaceFound> => {
    const found = there.find((folder) => folder.parentId === parentId && isSameName(folder.name, name));
    if (found !== undefined) return found;
    const made = await ask((signal) => target.ensureFolder(parentId, name, { hidden }, signal));
    there.push({ ...made, parentId });
    return made;
  };
  const nameAnew = (name: string) =>
    placement.type === 'new-folder' && shape === 'flat' ? `${placement.name} - ${name}` : name;
  const top = placement.type === 'new-folder' && shape === 'nested' ? (await ensure('', placement.name, false)).id : '';
  const sources = new Map(plan.tree.map((folder) => [folder.id, folder]));
  const placed = new Map<string, string>();

  const place = async (source: FolderEntry, below: readonly string[]): Promise<string> => {
    const known = placed.get(source.id);
    if (known !== undefined) return known;
    const same = placement.type === 'original' ? sameFolder(source, there) : undefined;
    const parent = below.includes(source.parentId) ? undefined : sources.get(source.parentId);
    const parentId = same !== undefined || parent === undefined ? top : await place(parent, [...below, source.id]);
    const id = (same ?? (await ensure(parentId, nameAnew(source.name), isHiddenAgain(source)))).id;
    placed.set(source.id, id);
    return id;
  };

  for (const { folder } of planned) await place(folder, []);
  return asTargets(planned, placed, there);
}

function asTargets(
  planned: readonly PlannedFolder[],
  placed: ReadonlyMap<string, string>,
  there: readonly PlaceFound[],
): Map<string, TargetFolder> {
  const paths = folderPaths(there);
  const readOnly = new Set(there.filter(({ isReadOnly }) => isReadOnly === true).map(({ id }) => id));
  return new Map(
    planned.map(({ folder }) => {
      const id = placed.get(folder.id) ?? '';
      return [folder.id, { id, path: paths.get(id) ?? [], isReadOnly: readOnly.has(id) }];
    }),
  );
}

function sameFolder(source: FolderEntry, there: readonly PlaceFound[]): PlaceFound | undefined {
  const byRole = there.find(({ wellKnownName }) => wellKnownName !== null && wellKnownName === source.wellKnownName);
  return byRole ?? there.find(({ id }) => id === source.id);
}

/** What comes out of the recoverable items is meant to be seen: nothing can be put back there. */
function isHiddenAgain({ hidden, wellKnownName }: FolderEntry): boolean {
  return hidden && !(wellKnownName ?? '').startsWith('recoverableitems');
}

function isSameName(one: string, other: string): boolean {
  return foldName(one) === foldName(other);
}
