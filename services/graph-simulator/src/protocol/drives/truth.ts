export interface DriveTruthRequest {
  /** User id or principal name of the owner. */
  user: string;
  /** A mark; default: now. */
  mark?: number;
  /** Default true. False: no hashes, which take time for large files. */
  hashes?: boolean;
}

/** What a drive holds. */
export interface DriveTruth {
  driveId: string;
  user: string;
  mark: number;
  /** Everything but the root; what holds an item comes before it. */
  items: DriveItemTruth[];
}

export interface DriveItemTruth {
  id: string;
  parentId: string;
  /** Names from the root down. */
  path: string[];
  /** Shortcuts lead to items of other drives. */
  type: 'folder' | 'file' | 'package' | 'shortcut';
  eTag: string;
  cTag: string;
  /** Bytes of a file; 0 for everything else. */
  size: number;
  /** Lower-case hex; null for what is no file, and when no hashes were asked for. */
  sha256: string | null;
  /** Base64; null where Graph has none: no file, empty, or a part of a notebook. */
  quickXorHash: string | null;
  /** `fileSystemInfo`, ISO 8601, whole seconds. */
  createdAt: string;
  modifiedAt: string;
  malware: boolean;
  /** Its content is answered with 503. */
  unreadable: boolean;
  /** The present one first; empty for what is no file. */
  versions: { id: string; size: number; sha256: string | null; modifiedAt: string }[];
  /** Everything that applies, the item's own first. */
  permissions: PermissionTruth[];
}

export interface PermissionTruth {
  id: string;
  roles: string[];
  /** Address of a person; null for links. */
  grantedTo: string | null;
  link: { type: string; scope: string; grantees: string[] } | null;
  inherited: boolean;
}
