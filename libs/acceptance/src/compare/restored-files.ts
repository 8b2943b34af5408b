import type { DriveTruth } from '@backhaul/graph-simulator';
import { compareMultisets } from './compare-multisets.ts';
import type { Comparison } from './difference.ts';

/**
 * Holds what was restored into a folder against the drive it was restored from: every folder and file at its path, byte for byte, with its
 * dates. What the tenant refuses to give cannot be backed up, and shortcuts to other drives are not. A notebook comes back as a folder of its sections.
 */
export function compareRestoredFiles(source: DriveTruth, target: DriveTruth, folder: string): Comparison {
  return compareMultisets(target.user, [...forms(source, [])], [...forms(target, [folder])]);
}

/** What lies below a folder, with paths from there. */
function* forms(truth: DriveTruth, below: readonly string[]): Iterable<object> {
  for (const { type, path: whole, size, sha256, createdAt, modifiedAt, malware, unreadable } of truth.items) {
    const path = whole.slice(below.length);
    if (
      malware ||
      unreadable ||
      type === 'shortcut' ||
      path.length === 0 ||
      below.some((name, index) => whole[index] !== name)
    )
      continue;
    if (type !== 'file') yield { path, type: 'folder' };
    else yield { path, type, size, sha256, createdAt: createdAt.slice(0, 19), modifiedAt: modifiedAt.slice(0, 19) };
  }
}
