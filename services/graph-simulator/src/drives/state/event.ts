import type { DriveAccess } from '../../protocol/drives/changes.ts';
import type { PieceSource } from '../../tenant/source.ts';
import type { ItemState } from './item.ts';

/** What happens to drives. */
export type DrivesEvent =
  | { do: 'drive'; drive: number; state: DriveState }
  /** @property at when it happened, in milliseconds: change tracking can start at a time */
  | { do: 'drive-item'; drive: number; key: number; state: ItemState | null; at: number }
  | { do: 'drive-upload'; id: string; session: DriveUpload | null };

/** A drive as a whole. */
export interface DriveState {
  /** Id of the user whose it is. */
  owner: string;
  access: DriveAccess;
  createdAt: string;
  /** Bytes it may hold. */
  quota: number;
  /** The tenant forbids sharing. */
  sharingDisabled: boolean;
}

/** A file on its way in fragments. */
export interface DriveUpload {
  /** Client id of the application that asked for it. */
  app: string;
  drive: number;
  /** The item whose content it replaces; null: a file of this name in `parent`. */
  item: number | null;
  parent: number;
  name: string;
  conflict: 'fail' | 'replace' | 'rename';
  fileCreatedAt: string | null;
  fileModifiedAt: string | null;
  description: string | null;
  /** Known from the request or the first fragment. */
  size: number | null;
  deferCommit: boolean;
  pieces: PieceSource[];
  /** Milliseconds; moves on with each fragment. */
  expires: number;
  /** Milliseconds; the address is refused from then on. */
  tokenExpires: number;
}
