import type { ChangedItem, ItemChanges } from '../item.ts';

/** What a drive edit is about: `drive` is a user id or principal name, an item its id or the names from the root down (`[]` = the root). */
interface OfItem {
  drive: string;
  item: string | string[];
}

/** Bytes of a file: given as base64, or made from a seed. Default: none. */
export type GivenContent = { base64: string } | { size: number; seed?: number };

/** A permission that is set on an item. */
export interface GivenPermission {
  roles: string[];
  /** User id, principal name, or an address outside of the tenant; a link without. */
  user?: string;
  /** Of a link. Default: `view`, `organization`. */
  link?: { type?: 'view' | 'edit'; scope?: 'anonymous' | 'organization' | 'users' };
}

/** Dates that a client sets, ISO 8601. Default: the present time. */
export interface GivenDates {
  fileCreatedAt?: string;
  fileModifiedAt?: string;
}

/** One exact edit of a drive. */
export type DrivesEdit =
  | ({
      do: 'add-file';
      drive: string;
      /** Folder. Default: the root. */
      parent?: string | string[];
      name: string;
      content?: GivenContent;
    } & GivenDates)
  /** The content becomes another one, which makes a version. */
  | ({ do: 'write-file'; content: GivenContent } & OfItem & GivenDates)
  | { do: 'add-drive-folder'; drive: string; parent?: string | string[]; name: string }
  /** A OneNote notebook with a section of this many bytes. */
  | { do: 'add-package'; drive: string; parent?: string | string[]; name: string; sectionBytes?: number }
  | ({ do: 'rename-item'; name: string } & OfItem)
  | ({ do: 'move-item'; to: string | string[]; name?: string } & OfItem)
  | ({ do: 'delete-item' } & OfItem)
  /** Deletes an item and makes another one of the same name and content in its place: its id is new. */
  | ({ do: 'recreate-item' } & OfItem)
  /** `false` takes the mark away. Default true. */
  | ({ do: 'mark-malware'; infected?: boolean } & OfItem)
  /** Its content is answered with 503 from now on, or again given out. */
  | ({ do: 'mark-unreadable'; unreadable?: boolean } & OfItem)
  /** What is set on the item itself is replaced. */
  | ({ do: 'set-permissions'; permissions: GivenPermission[]; inherits?: boolean } & OfItem)
  /** How the drive can be used from now on. */
  | { do: 'set-drive-access'; drive: string; access: DriveAccess }
  | { do: 'set-drive-quota'; drive: string; quota: number }
  | { do: 'set-sharing'; drive: string; disabled: boolean }
  /** Makes an empty drive; one that the user had before is gone, with its id. */
  | { do: 'provision-drive'; drive: string };

/**
 * `open`; `locked`: 423 resourceLocked; `blocked`: 403 notAllowed; `read-only`: writes fail with 403; `unlicensed`: 400, the
 * licence was removed; `missing`: 404, not provisioned.
 */
export type DriveAccess = 'open' | 'locked' | 'blocked' | 'read-only' | 'unlicensed' | 'missing';

/** What a change did to files. `moved` ones are in another folder, `renamed` ones have another name; both belong to the kind `moved`. */
export interface FileChanges extends ItemChanges {
  renamed: ChangedItem[];
  renamedFolders: { mailbox: string; folderId: string; from: string; to: string }[];
}
