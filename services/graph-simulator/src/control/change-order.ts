import type { Random } from '../generate/random.ts';
import type { ChangeKind } from '../protocol/changes.ts';
import type { ItemChanges } from '../protocol/item.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { UserRecord } from '../tenant/user.ts';

/** A change as every part gets it. */
export interface ChangeOrder {
  tenant: Tenant;
  /** Share of the items that each kind touches, 0–1. */
  share: number;
  seed: number;
  kinds: readonly ChangeKind[];
  renameFolder: boolean;
  /** Whose items; null: of everyone who has some. */
  users: readonly UserRecord[] | null;
  /** ISO 8601 in UTC, whole seconds. */
  now: string;
}

/** A report in which nothing has happened yet. */
export function noChanges(): ItemChanges {
  return { new: [], changed: [], moved: [], deleted: [] };
}

/** How many of `total` items each of `kinds` kinds may take, so that none is touched by two. */
export function itemsPerKind(total: number, share: number, kinds: number): number {
  return Math.min(Math.ceil(total * share), Math.floor(total / Math.max(1, kinds)));
}

/** In an order drawn from `random`; the list itself is reordered. */
export function shuffled<Item>(items: Item[], random: Random): Item[] {
  for (let at = items.length - 1; at > 0; at--) {
    const other = random.below(at + 1);
    [items[at], items[other]] = [items[other]!, items[at]!];
  }
  return items;
}
