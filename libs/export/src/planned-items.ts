import { notInPoint, type PlannedFolder } from '@backhaul/engine';
import type { ItemEntry, PointReader } from '@backhaul/repository';

/** Items are read in windows of so many, each in the order in which its content is stored. */
const WINDOW = 256;

/** The items of a folder that are exported, in windows in order of their ids. @param missing is told of selected items that are not there */
export async function* windowsOf(
  point: PointReader,
  { folder, itemIds }: PlannedFolder,
  missing: (issue: ReturnType<typeof notInPoint>) => void,
): AsyncGenerator<ItemEntry[]> {
  let window: ItemEntry[] = [];
  for await (const item of itemIds === 'all' ? point.items(folder.id) : chosen(point, folder.id, itemIds, missing)) {
    window.push(item);
    if (window.length < WINDOW) continue;
    yield window;
    window = [];
  }
  if (window.length > 0) yield window;
}

async function* chosen(
  point: PointReader,
  containerId: string,
  itemIds: readonly string[],
  missing: (issue: ReturnType<typeof notInPoint>) => void,
): AsyncGenerator<ItemEntry> {
  for (const id of itemIds) {
    const entry = await point.get({ containerId, id });
    if (entry?.type === 'item') yield entry;
    else missing(notInPoint(id, containerId));
  }
}
