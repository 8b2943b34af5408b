import type { CollisionRule } from '@backhaul/domain';
import { haveSameDates, isSameFile, type FileLikeness, type FoundItem } from './file-likeness.ts';

/** What to do with a file to restore. */
export type FileDecision =
  | { type: 'write'; name: string; ifTaken: 'fail' | 'replace' }
  /** It is there already, because of this restore (`isOurs`) or without it. */
  | { type: 'keep'; item: FoundItem; isOurs: boolean }
  /** Another file or a folder has the name, and the rule leaves it alone. */
  | { type: 'skip' }
  /** A folder has the name, and a file cannot take its place. */
  | { type: 'blocked' };

/**
 * The collision rules. A path can hold one item only, so a file whose name is taken by another content
 *
 * - is left out with `skip` and `only-missing`,
 * - becomes the newest version of what is there with `replace`,
 * - is written beside it, under a name of this restore, with `keep-both`.
 *
 * What is there with this very content is left as it is (with `replace`, when its dates are right too): a copy of it would be
 * worth nothing, and a restore that goes on after a stop finds what it had written.
 * @param beside the name for a copy beside another file
 * @param at what has a name in the target folder
 */
export function decideFile(
  rule: CollisionRule,
  stored: FileLikeness,
  beside: string,
  at: (name: string) => FoundItem | undefined,
): FileDecision {
  const there = at(stored.name);
  if (there === undefined) return { type: 'write', name: stored.name, ifTaken: 'fail' };
  const isAsWanted = rule !== 'replace' || haveSameDates(stored, there);
  if (isSameFile(stored, there) && isAsWanted) return { type: 'keep', item: there, isOurs: false };
  switch (rule) {
    case 'skip':
    case 'only-missing':
      return { type: 'skip' };
    case 'replace':
      return there.isFile ? { type: 'write', name: stored.name, ifTaken: 'replace' } : { type: 'blocked' };
    case 'keep-both': {
      const copy = at(beside);
      if (copy === undefined) return { type: 'write', name: beside, ifTaken: 'fail' };
      return copy.isFile ? { type: 'keep', item: copy, isOurs: true } : { type: 'blocked' };
    }
  }
}
