import type { ItemEntry } from '../src/entry.ts';
import type { PointReader } from '../src/repository.ts';

/** All a point gives back: every part of every item of these containers, by `container/item/part`, as Latin-1. */
export async function pointContents(point: PointReader, containerIds: string[]): Promise<Record<string, string>> {
  const contents: Record<string, string> = {};
  for (const containerId of containerIds) {
    const items: ItemEntry[] = [];
    for await (const item of point.items(containerId)) items.push(item);
    for (const item of items) {
      for (const part of item.parts) {
        contents[`${containerId}/${item.id}/${part.name}`] = Buffer.from(await point.readPart(part)).toString('latin1');
      }
    }
  }
  return contents;
}
