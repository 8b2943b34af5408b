import type { InventoryObject } from '../inventory/protected-object.store.ts';
import { isSelectable } from '../inventory/object.view.ts';
import type { FieldError } from '../api/invalid-request.ts';

/**
 * What is wrong with a selection of objects, entry by entry: unknown, of another tenant, of a kind that cannot be protected
 * yet, gone, or named twice.
 */
export function selectionErrors(
  objectIds: readonly string[],
  tenantId: string,
  known: ReadonlyMap<string, InventoryObject>,
): FieldError[] {
  const seen = new Set<string>();
  return objectIds.flatMap((id, index) => {
    const problem = seen.has(id) ? TWICE : problemOf(known.get(id), tenantId);
    seen.add(id);
    return problem === null ? [] : [{ pointer: `/objectIds/${index}`, ...problem }];
  });
}

type Problem = Pick<FieldError, 'code' | 'message'>;

const TWICE: Problem = { code: 'object-twice', message: 'is named twice. Name each object once.' };

function problemOf(object: InventoryObject | undefined, tenantId: string): Problem | null {
  if (object === undefined) {
    return {
      code: 'object-unknown',
      message: "is not in the inventory. Refresh the tenant's inventory and take an id from there.",
    };
  }
  if (object.tenantId !== tenantId) {
    return {
      code: 'object-of-other-tenant',
      message: 'belongs to another tenant. A job protects objects of one tenant.',
    };
  }
  if (!isSelectable(object.kind)) {
    return {
      code: 'object-not-selectable',
      message: `is a ${object.kind}, which cannot be protected yet. Choose mailboxes and OneDrives.`,
    };
  }
  if (object.goneAt !== null) {
    return { code: 'object-gone', message: 'is no longer in the tenant. Leave it out.' };
  }
  return null;
}
