import { ITEM_KINDS } from '@backhaul/domain';
import { z } from 'zod';
import type { FolderWithPath } from './browse-point.ts';
import { CHANGE_TYPES } from './compare-points.ts';
import { ItemView } from './item.view.ts';
import { formatPointId } from './point-id.ts';
import type { PointRow } from './point.store.ts';

export const PointView = z
  .object({
    id: z.string().describe('job id, object id and sequence, joined by dots.'),
    jobId: z.uuid(),
    jobName: z.string().nullable(),
    objectId: z.uuid(),
    sequence: z.int(),
    repositoryId: z.uuid(),
    status: z
      .enum(['complete', 'incomplete'])
      .describe('incomplete: some folders could not be read and show an earlier state.'),
    kinds: z.array(z.enum(ITEM_KINDS)).describe('What it covers; what is not named was not read.'),
    createdAt: z.iso.datetime(),
    itemCount: z.number(),
    bytesTotal: z.number(),
    bytesNew: z.number().describe('Bytes it added to the store.'),
  })
  .meta({ id: 'RecoveryPoint' });

export const FolderView = z
  .object({
    id: z.string(),
    parentId: z.string().describe('Empty for a top folder.'),
    kind: z.enum(ITEM_KINDS).describe('What its items are.'),
    name: z.string(),
    path: z.array(z.string()).describe('Names from the top folder down.'),
    wellKnownName: z.string().nullable(),
    hidden: z.boolean(),
  })
  .meta({ id: 'Folder' });

export const FoundItemView = z
  .object({ item: ItemView, folderPath: z.array(z.string()).describe('Names from the top folder down.') })
  .meta({ id: 'FoundItem' });

const side = { folderPath: z.array(z.string()).describe('Of a folder: its own path.') };
const ChangedFolder = z.object({ ...side, folder: FolderView });
const ChangedItem = z.object({ ...side, item: ItemView });

export const ChangeView = z
  .discriminatedUnion('entry', [
    z.object({
      entry: z.literal('folder'),
      type: z.enum(CHANGE_TYPES),
      before: ChangedFolder.nullable(),
      after: ChangedFolder.nullable(),
    }),
    z.object({
      entry: z.literal('item'),
      type: z.enum(CHANGE_TYPES).describe('moved: the same item in another folder, whatever else changed in it.'),
      before: ChangedItem.nullable().describe('In the older point; null for what is new.'),
      after: ChangedItem.nullable().describe('In the newer point; null for what was removed.'),
    }),
  ])
  .meta({ id: 'Change' });

const counts = z.object({ new: z.int(), changed: z.int(), moved: z.int(), removed: z.int() });

export const ComparisonView = z
  .object({
    counts: z.object({ folders: counts, items: counts }).describe('Of all changes, whatever is listed.'),
    items: z.array(ChangeView).describe('Folders first, then items by folder and id.'),
    nextCursor: z.string().nullable().describe('Give it as cursor to get the next page; null on the last one.'),
  })
  .meta({ id: 'Comparison' });

/** A point as the API shows it. */
export function pointView(point: PointRow): z.input<typeof PointView> {
  return { id: formatPointId(point), ...point, createdAt: point.createdAt.toISOString() };
}

export function folderView(folder: FolderWithPath): z.input<typeof FolderView> {
  return folder;
}
