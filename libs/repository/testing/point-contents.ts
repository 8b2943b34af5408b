import type { PartRef } from '../src/entry.ts';
import type { PointReader } from '../src/repository.ts';

/**
 * All a point gives back: every part of every item of these containers, by `container/item/part`, and of their folders, by
 * `/folder/part`, as Latin-1.
 */
export async function pointContents(point: PointReader, containerIds: string[]): Promise<Record<string, string>> {
  const contents: Record<string, string> = {};
  const read = async (name: string, parts: PartRef[]) => {
    for (const part of parts) {
      contents[`${name}/${part.name}`] = Buffer.from(await point.readPart(part)).toString('latin1');
    }
  };
  for (const folder of await point.folders())
    if (containerIds.includes(folder.id)) await read(`/${folder.id}`, folder.parts);
  for (const containerId of containerIds) {
    for await (const item of point.items(containerId)) await read(`${containerId}/${item.id}`, item.parts);
  }
  return contents;
}
