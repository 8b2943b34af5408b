import type { ChangeOrder } from '../../control/change-order.ts';
import type { ItemChanges } from '../../protocol/item.ts';

/** Changes a share of the items. */
export function changeFiles(_order: ChangeOrder, _report: ItemChanges): void {
  // Nothing is there yet.
}
