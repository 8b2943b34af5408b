import type { DriveItem } from '../drive-item.ts';

/** How the drive is listed once. */
export interface WalkStart {
  /** `feed`: Microsoft's changes since a cursor, or from scratch. `tree`: folder by folder. */
  by: 'feed' | 'tree';
  /** Null: everything is listed. */
  cursor: string | null;
  /** `everything`: content is transferred whatever is known of it. */
  transfer: 'differences' | 'everything';
}

/**
 * What one listing of the drive has told so far. Of an item that comes more than once the last mention counts. The memory it
 * takes follows what has changed, not what the drive holds; a listing of everything keeps no more than each item's place.
 */
export class DriveWalk {
  readonly start: WalkStart;
  /** Where each listed item lies; only when everything is listed, to know what is gone. */
  readonly present: Map<string, string> | null;
  /** Files that are not stored where they were listed: new, or moved there. */
  readonly unplaced = new Map<string, DriveItem>();
  /** Items reported gone, and where they lay if that was said. */
  readonly gone = new Map<string, string | undefined>();
  /** Folders that were not known before this walk, and have not been listed by themselves yet. */
  readonly newFolders = new Set<string>();
  /** Folders that something was listed in. */
  readonly parents = new Set<string>();
  /** How often the point was changed by what was listed. */
  effects = 0;

  constructor(start: WalkStart) {
    this.start = start;
    this.present = start.cursor === null ? new Map() : null;
  }

  /** Everything that is there is listed. */
  get isWhole(): boolean {
    return this.present !== null;
  }

  /** Content is transferred whatever is known of it. */
  get transfersAll(): boolean {
    return this.start.transfer === 'everything';
  }

  /** An item is there, in this folder. */
  listed(id: string, folderId: string): void {
    this.gone.delete(id);
    this.unplaced.delete(id);
    this.parents.add(folderId);
    this.present?.set(id, folderId);
  }

  /** An item was reported gone. */
  removed(id: string, folderId: string | undefined): void {
    this.gone.set(id, folderId);
    this.unplaced.delete(id);
    this.present?.delete(id);
  }
}
