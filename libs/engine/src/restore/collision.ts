import type { CollisionRule } from '@backhaul/domain';

/** An item in the target folder that is a version of the one to restore. */
export interface Twin {
  id: string;
  /** It is the same in the canonical form too. */
  isSame: boolean;
}

/** What to do with an item to restore; ids are those of twins in the target. */
export type CollisionDecision = { type: 'skip'; because: string } | { type: 'create'; thenRemove: string[] };

/**
 * The collision rules:
 *
 * - `skip` leaves out an item when the same one is there (equal in the canonical form);
 * - `only-missing` leaves it out when any version of it is there;
 * - `replace` removes other versions once the restored one is complete, and leaves out what is there unchanged;
 * - `keep-both` always creates.
 *
 * Twins made by this very restore, or already counted against another item, are not given.
 */
export function decideCollision(rule: CollisionRule, twins: readonly Twin[]): CollisionDecision {
  const same = twins.find(({ isSame }) => isSame);
  switch (rule) {
    case 'keep-both':
      return { type: 'create', thenRemove: [] };
    case 'only-missing': {
      const there = same ?? twins[0];
      return there === undefined ? { type: 'create', thenRemove: [] } : { type: 'skip', because: there.id };
    }
    case 'skip':
      return same === undefined ? { type: 'create', thenRemove: [] } : { type: 'skip', because: same.id };
    case 'replace':
      return same === undefined
        ? { type: 'create', thenRemove: twins.map(({ id }) => id) }
        : { type: 'skip', because: same.id };
  }
}
