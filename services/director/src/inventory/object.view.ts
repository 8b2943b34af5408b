import { KINDS_OF_ITEMS, OBJECT_KINDS, type ObjectKind } from '@backhaul/domain';
import { z } from 'zod';
import type { InventoryObject } from './protected-object.store.ts';

/** Whether a job can protect objects of this kind already; the others are listed only. */
export function isSelectable(kind: ObjectKind): boolean {
  return KINDS_OF_ITEMS[kind].length > 0;
}

export const ObjectView = z
  .object({
    id: z.uuid(),
    tenantId: z.uuid(),
    kind: z.enum(OBJECT_KINDS),
    externalId: z.string().describe("Microsoft's object id."),
    displayName: z.string(),
    address: z.string(),
    attributes: z.record(z.string(), z.unknown()).describe('What else the directory tells, for people.'),
    selectable: z.boolean().describe('Whether a job can protect it already.'),
    seenAt: z.iso.datetime(),
    goneAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ProtectedObject' });

/** A protected object as the API shows it. */
export function objectView(object: InventoryObject): z.input<typeof ObjectView> {
  return {
    ...object,
    selectable: isSelectable(object.kind) && object.goneAt === null,
    seenAt: object.seenAt.toISOString(),
    goneAt: object.goneAt?.toISOString() ?? null,
  };
}
