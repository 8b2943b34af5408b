import { ITEM_KINDS, type RestoreSelection } from '@backhaul/domain';
import type { PointReader } from '@backhaul/repository';
import { z } from 'zod';
import type { FieldError } from '../api/invalid-request.ts';

const MAX_SELECTED = 1_000;

/** An id that Microsoft has given to a folder or an item. */
export const graphId = z.string().min(1, 'must not be empty').max(1_000, 'is too long to be an id');

/** What of a point is restored or exported. */
export const Selection = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('all'),
      kinds: z
        .array(z.enum(ITEM_KINDS, 'must be "mail", "contacts", "calendar" or "files"'))
        .max(ITEM_KINDS.length)
        .default([])
        .describe('Only items of these kinds; empty: of every kind that the point covers.'),
    }),
    z.strictObject({
      type: z.literal('folders'),
      folderIds: z
        .array(graphId)
        .min(1, 'must name at least one folder')
        .max(MAX_SELECTED)
        .describe('With everything below them.'),
    }),
    z.strictObject({
      type: z.literal('items'),
      items: z
        .array(z.strictObject({ folderId: graphId, itemId: graphId }))
        .min(1, 'must name at least one item')
        .max(MAX_SELECTED, `must name at most ${MAX_SELECTED} items; choose folders instead`),
    }),
  ])
  .default({ type: 'all', kinds: [] });

/** Entries of the selection that the point does not hold. */
export async function selectionErrors(point: PointReader, selection: RestoreSelection): Promise<FieldError[]> {
  if (selection.type === 'all') {
    return selection.kinds.flatMap((kind, index) =>
      point.record.kinds.includes(kind)
        ? []
        : [
            {
              pointer: `/selection/kinds/${index}`,
              code: 'kind-not-covered',
              message: 'is not covered by this point.',
            },
          ],
    );
  }
  if (selection.type === 'folders') {
    const known = new Set((await point.folders()).map(({ id }) => id));
    return selection.folderIds.flatMap((id, index) =>
      known.has(id)
        ? []
        : [
            {
              pointer: `/selection/folderIds/${index}`,
              code: 'folder-unknown',
              message: 'is not a folder of this point.',
            },
          ],
    );
  }
  const errors: FieldError[] = [];
  for (const [index, { folderId, itemId }] of selection.items.entries()) {
    const entry = await point.get({ containerId: folderId, id: itemId });
    if (entry?.type === 'item') continue;
    errors.push({
      pointer: `/selection/items/${index}`,
      code: 'item-unknown',
      message: 'is not an item of this point.',
    });
  }
  return errors;
}
