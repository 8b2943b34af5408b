import type { DriveIds } from './drive-ids.ts';
import type { ItemState } from './item.ts';

/** Differs after every change of an item. */
export function eTagOf(ids: DriveIds, drive: number, key: number, { revision }: ItemState): string {
  return `"${ids.guid(drive, key)},${revision}"`;
}

/** Differs after every change of an item's content. */
export function cTagOf(ids: DriveIds, drive: number, key: number, { contentRevision }: ItemState): string {
  return `"c:${ids.guid(drive, key)},${contentRevision}"`;
}
