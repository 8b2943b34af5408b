/**
 * A file or folder as Microsoft describes it: the members that the engine looks at, and whatever else came. Change tracking
 * leaves some out (`cTag`, the path of the parent), so nothing but the id may be relied on.
 */
export interface DriveItem {
  id: string;
  name?: string;
  /** Bytes, as Microsoft states them; of Office files the content may have another length. */
  size?: number;
  /** Another one after any change. */
  eTag?: string;
  /** Another one after a change of the content. */
  cTag?: string;
  parentReference?: { id?: string; driveId?: string; [key: string]: unknown };
  root?: object;
  folder?: { childCount?: number; [key: string]: unknown };
  file?: { mimeType?: string; hashes?: { quickXorHash?: string; [key: string]: unknown }; [key: string]: unknown };
  /** A notebook: its sections lie in it like files in a folder. */
  package?: { type?: string; [key: string]: unknown };
  /** It is a link to an item of another drive. */
  remoteItem?: object;
  malware?: { description?: string; [key: string]: unknown };
  /** It is shared with somebody. */
  shared?: object | null;
  fileSystemInfo?: FileDates | null;
  /** By the service; `fileSystemInfo` is what people see. */
  createdDateTime?: string;
  lastModifiedDateTime?: string;
  [key: string]: unknown;
}

/** Dates as the file's owner sees and sets them; ISO 8601. */
export interface FileDates {
  createdDateTime?: string;
  lastModifiedDateTime?: string;
  [key: string]: unknown;
}

/** What an item is to a backup. */
export type ItemRole = 'root' | 'folder' | 'file' | 'shortcut' | 'other';

/** A notebook counts as a folder; a shortcut leads to another drive and is never followed. */
export function roleOf(item: DriveItem): ItemRole {
  if (item.remoteItem !== undefined && item.remoteItem !== null) return 'shortcut';
  if (item.root !== undefined) return 'root';
  if (item.folder !== undefined || item.package !== undefined) return 'folder';
  return item.file === undefined ? 'other' : 'file';
}

/** Microsoft's hash of the content, or `''` where it states none. */
export function statedHash(item: DriveItem): string {
  return item.file?.hashes?.quickXorHash ?? '';
}

/** What tells one content of a file from another; either member may be missing. */
export type ContentTag = Pick<DriveItem, 'cTag' | 'eTag'>;

/** The content tag decides where both know it, else the tag of the whole item; with nothing to compare they differ. */
export function hasSameContent(one: ContentTag, other: ContentTag): boolean {
  if (one.cTag !== undefined && other.cTag !== undefined) return one.cTag === other.cTag;
  return one.eTag !== undefined && one.eTag === other.eTag;
}

const OFFICE_FILE = /\.(doc|dot|xls|xlt|ppt|pot|pps|vsd|vss|vst|pub)[xmb]?$/i;

/** SharePoint writes properties into these when they are uploaded, so that hash and size are not those of what was sent. */
export function isRewrittenByService(name: string): boolean {
  return OFFICE_FILE.test(name);
}

const NOTEBOOK_FILE = /\.one(toc2)?$/i;

/** A file without a byte, by a size that can be relied on. */
export function isEmpty(item: DriveItem): boolean {
  const name = item.name ?? '';
  return item.size === 0 && !isRewrittenByService(name) && !NOTEBOOK_FILE.test(name);
}
