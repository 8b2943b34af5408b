import type { FileEntry } from '@backhaul/repository';
import { partOf } from '../../stored-item.ts';
import { FILE_PARTS } from '../../stored-file.ts';
import { isRewrittenByService, roleOf, statedHash, type DriveItem } from '../drive-item.ts';

/** What tells one file from another of the same name. */
export interface FileLikeness {
  name: string;
  size: number;
  /** quickXorHash, or `''` where it is not known. */
  hash: string;
  /** ISO 8601, or `''`. */
  createdAt: string;
  modifiedAt: string;
}

/** What of an item in the target matters to a restore. */
export interface FoundItem extends FileLikeness {
  id: string;
  isFile: boolean;
}

/** The likeness of a file in the point. */
export function storedLikeness(entry: FileEntry): FileLikeness {
  const { name, contentHash: hash, createdAt, modifiedAt } = entry;
  return { name, size: partOf(entry, FILE_PARTS.content)?.length ?? 0, hash, createdAt, modifiedAt };
}

/** An item of the target. */
export function foundItem(item: DriveItem): FoundItem {
  return {
    id: item.id,
    isFile: roleOf(item) === 'file',
    name: item.name ?? '',
    size: item.size ?? 0,
    hash: statedHash(item),
    createdAt: item.fileSystemInfo?.createdDateTime ?? '',
    modifiedAt: item.fileSystemInfo?.lastModifiedDateTime ?? '',
  };
}

/**
 * Whether the target holds this very content. The hash, which covers the length, decides where both know it; else length and
 * dates do. Of files that the service rewrites hash and length never agree, so equal dates are enough: a restore sets them.
 */
export function isSameFile(stored: FileLikeness, found: FoundItem): boolean {
  if (!found.isFile) return false;
  if (stored.hash !== '' && stored.hash === found.hash) return true;
  if (isRewrittenByService(stored.name)) return haveSameDates(stored, found);
  if (stored.size !== found.size) return false;
  if (stored.size === 0) return true;
  return (stored.hash === '' || found.hash === '') && haveSameDates(stored, found);
}

/** To the second, as far as they are known. */
export function haveSameDates(
  one: Pick<FileLikeness, 'createdAt' | 'modifiedAt'>,
  other: Pick<FileLikeness, 'createdAt' | 'modifiedAt'>,
): boolean {
  return sameSecond(one.createdAt, other.createdAt) && sameSecond(one.modifiedAt, other.modifiedAt);
}

function sameSecond(one: string, other: string): boolean {
  return one === '' || other === '' || Math.floor(Date.parse(one) / 1000) === Math.floor(Date.parse(other) / 1000);
}
