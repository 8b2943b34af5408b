import type { EntryKey, PointReader } from '@backhaul/repository';
import type { z } from 'zod';
import { foldersOf, type FolderWithPath } from './browse-point.ts';
import { CHANGE_TYPES, type Change, type ChangeType } from './compare-points.ts';
import { itemView } from './item.view.ts';
import { folderView, type ChangeView } from './point.view.ts';

/** Makes changes views: it knows the folders of one of the two points. */
export class ChangeSide {
  readonly #point: PointReader;
  readonly #folders: ReadonlyMap<string, FolderWithPath>;

  private constructor(point: PointReader, folders: readonly FolderWithPath[]) {
    this.#point = point;
    this.#folders = new Map(folders.map((folder) => [folder.id, folder]));
  }

  static async of(point: PointReader): Promise<ChangeSide> {
    return new ChangeSide(point, await foldersOf(point));
  }

  folder(key: EntryKey | null) {
    const folder = key === null ? undefined : this.#folders.get(key.id);
    return folder === undefined ? null : { folderPath: folder.path, folder: folderView(folder) };
  }

  async item(key: EntryKey | null) {
    const entry = key === null ? null : await this.#point.get(key);
    if (entry?.type !== 'item') return null;
    return { folderPath: this.#folders.get(entry.containerId)?.path ?? [], item: itemView(entry) };
  }
}

export async function changeView(
  { entry, type, before, after }: Change,
  older: ChangeSide,
  newer: ChangeSide,
): Promise<z.input<typeof ChangeView>> {
  if (entry === 'folder') return { entry, type, before: older.folder(before), after: newer.folder(after) };
  return { entry, type, before: await older.item(before), after: await newer.item(after) };
}

/** How many changes of each type there are. */
export function countChanges(changes: readonly Change[]) {
  const none = () => Object.fromEntries(CHANGE_TYPES.map((type) => [type, 0])) as Record<ChangeType, number>;
  const counts = { folders: none(), items: none() };
  for (const { entry, type } of changes) counts[entry === 'folder' ? 'folders' : 'items'][type] += 1;
  return counts;
}
