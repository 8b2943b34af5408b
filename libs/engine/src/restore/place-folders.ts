import { foldName, type RestorePlacement } from '@backhaul/domain';
import type { FolderEntry } from '@backhaul/repository';
import { folderPaths } from '../folder-paths.ts';
import type { MailFolder } from '../mail-source.ts';
import type { MailTarget } from '../mail-target.ts';
import type { WorkPace } from '../work-pace.ts';
import type { RestorePlan } from './plan-restore.ts';

/** Where the messages of a folder of the point go. */
export interface TargetFolder {
  id: string;
  /** Display names in the target, from the top folder down. */
  path: string[];
}

/**
 * Finds or makes the target of every planned folder. Original place: the folder with the same well-known name, else with
 * the same id, else at the same path, else a new one. New folder: the same path below that folder, whatever is elsewhere.
 * Folders are looked for in the target as it is now; making one that is there already finds it.
 */
export async function placeFolders(
  target: MailTarget,
  pace: WorkPace,
  plan: RestorePlan,
  placement: RestorePlacement,
): Promise<Map<string, TargetFolder>> {
  const there = await pace.ask((signal) => target.folders(signal));
  const ensure = async (parentId: string, name: string, hidden: boolean): Promise<MailFolder> => {
    const found = there.find((folder) => folder.parentId === parentId && isSameName(folder.name, name));
    if (found !== undefined) return found;
    const made = await pace.ask((signal) => target.ensureFolder(parentId, name, { hidden }, signal));
    there.push({ ...made, parentId });
    return made;
  };
  const top = placement.type === 'new-folder' ? (await ensure('', placement.name, false)).id : '';
  const sources = new Map(plan.tree.map((folder) => [folder.id, folder]));
  const placed = new Map<string, string>();

  const place = async (source: FolderEntry, below: readonly string[]): Promise<string> => {
    const known = placed.get(source.id);
    if (known !== undefined) return known;
    const same = placement.type === 'original' ? sameFolder(source, there) : undefined;
    const parent = below.includes(source.parentId) ? undefined : sources.get(source.parentId);
    const parentId = same !== undefined || parent === undefined ? top : await place(parent, [...below, source.id]);
    const id = (same ?? (await ensure(parentId, source.name, source.hidden))).id;
    placed.set(source.id, id);
    return id;
  };

  for (const { folder } of plan.folders) await place(folder, []);
  const paths = folderPaths(there);
  return new Map([...placed].map(([sourceId, id]) => [sourceId, { id, path: paths.get(id) ?? [] }]));
}

function sameFolder(source: FolderEntry, there: readonly MailFolder[]): MailFolder | undefined {
  const byRole = there.find(({ wellKnownName }) => wellKnownName !== null && wellKnownName === source.wellKnownName);
  return byRole ?? there.find(({ id }) => id === source.id);
}

function isSameName(one: string, other: string): boolean {
  return foldName(one) === foldName(other);
}
