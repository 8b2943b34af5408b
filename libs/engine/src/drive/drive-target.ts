import type { DriveItem, FileDates } from './drive-item.ts';
import type { ContentStream, Drive, DrivePermission, Grantee } from './drive-source.ts';

/**
 * PORT: a OneDrive (or a document library) to restore to. An adapter for Microsoft Graph (`libs/m365`) and a twin in memory
 * pass the same suite. Nothing here ever sends mail.
 */
export interface DriveTarget {
  /** @throws Failure with a code of its own where there is no drive, or it is locked. */
  drive(signal: AbortSignal): Promise<Drive>;

  /** An item, or null when there is none of this id. */
  item(id: string, signal: AbortSignal): Promise<DriveItem | null>;

  /** What lies in a folder, page by page. @throws Failure `not-found`. */
  children(folderId: string, signal: AbortSignal): AsyncIterable<DriveItem[]>;

  /** The item of this name in a folder, without regard to case, or null. */
  child(folderId: string, name: string, signal: AbortSignal): Promise<DriveItem | null>;

  /**
   * Makes a folder, or returns the one of that name (without regard to case) that is already there.
   * @throws Failure `conflict` when a file has the name, `invalid-input` when Microsoft refuses the name.
   */
  ensureFolder(parentId: string, name: string, dates: FileDates | null, signal: AbortSignal): Promise<DriveItem>;

  /**
   * Writes a file with its dates, all or nothing. With `replace` an existing file of the name gets a new version.
   * @throws Failure `conflict` when the name is taken and is not to be replaced (or by a folder), `quota` when the drive is
   * full, `invalid-input` when Microsoft refuses the name, `unavailable` when it is not known whether it was written: look.
   */
  write(parentId: string, file: FileToWrite, signal: AbortSignal): Promise<DriveItem>;

  /** Gives an item another name. @throws Failure `conflict` when it is taken. */
  rename(id: string, name: string, signal: AbortSignal): Promise<DriveItem>;

  /** Removes a file of this restore that is half made. Removing what is gone succeeds. */
  remove(id: string, signal: AbortSignal): Promise<void>;

  /** The content of a file, for comparing where Microsoft states no hash. */
  content(id: string, signal: AbortSignal): Promise<ContentStream>;

  permissions(id: string, signal: AbortSignal): Promise<DrivePermission[]>;

  /** Lets somebody in, without telling them. @throws Failure `invalid-input` when they are not known here. */
  grant(id: string, grant: GrantToMake, signal: AbortSignal): Promise<void>;

  /** Makes a sharing link, or finds the one of this type and scope that is there. Nobody is told. */
  link(id: string, link: LinkToMake, signal: AbortSignal): Promise<void>;

  readonly concurrency: number;
}

export interface FileToWrite {
  name: string;
  content: ContentToWrite;
  dates: FileDates;
  ifTaken: 'fail' | 'replace';
}

/** Content of known length that can be read from any byte on, as often as it takes. */
export interface ContentToWrite {
  length: number;
  from(offset: number): AsyncIterable<Uint8Array>;
}

export interface GrantToMake {
  to: Grantee;
  /** `read` or `write`. */
  role: string;
  /** ISO 8601, or null. */
  expiresAt: string | null;
}

export interface LinkToMake {
  /** `view`, `edit` … */
  type: string;
  /** `anonymous`, `organization` or `users`. */
  scope: string;
  /** Only of the scope `users`. */
  recipients: Grantee[];
  expiresAt: string | null;
}
