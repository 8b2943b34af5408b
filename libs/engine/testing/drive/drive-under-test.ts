import type { DrivePermission, DriveSource } from '../../src/drive/drive-source.ts';
import type { DriveTarget } from '../../src/drive/drive-target.ts';

/** Requests whose answer a suite can have lost. */
export type LosableDriveRequest = 'ensureFolder' | 'write' | 'rename' | 'grant';

/**
 * An empty drive, seen by the ports under test, and what its owner and fate do to it. Its methods do not go through the
 * ports.
 */
export interface DriveUnderTest {
  source: DriveSource;
  target: DriveTarget;
  rootId: string;
  /** A folder below another one; returns its id. */
  addFolder(parentId: string, name: string): Promise<string>;
  /** Returns its id. */
  addFile(parentId: string, name: string, content: Uint8Array): Promise<string>;
  writeFile(id: string, content: Uint8Array): Promise<void>;
  renameItem(id: string, name: string): Promise<void>;
  moveItem(id: string, toParentId: string): Promise<void>;
  removeItem(id: string): Promise<void>;
  /** Sets the one permission of an item: somebody of the tenant may read it. */
  shareWithSomebody(id: string): Promise<void>;
  /** Microsoft blocks the file from now on. */
  infect(id: string): Promise<void>;
  /** The next transfer of this file's content breaks after about half of it. */
  breakTransfer(id: string): Promise<void>;
  /** Every cursor and page link given out so far is forgotten. */
  expireCursors(): Promise<void>;
  /** The next request of this kind takes effect, and its answer is lost. */
  loseAnswer(of: LosableDriveRequest): Promise<void>;
  /** So many bytes fit in. */
  limitTo(bytes: number): Promise<void>;
  /** Somebody whom the drive knows, and nobody. */
  somebody: NonNullable<NonNullable<DrivePermission['grantedToV2']>['user']>;
  nobody: NonNullable<NonNullable<DrivePermission['grantedToV2']>['user']>;
  /** Mails that have left because something was shared. */
  mailsSent(): Promise<number>;
  close(): Promise<void>;
}

/** Makes a new drive for each test. */
export type OpenDriveUnderTest = () => Promise<DriveUnderTest>;
