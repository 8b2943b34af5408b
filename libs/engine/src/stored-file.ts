import { createHash } from 'node:crypto';
import type { FailureRecord } from '@backhaul/domain';
import type { FileEntry, FolderEntry, ItemListing, PartContent, PartRef } from '@backhaul/repository';
import { statedHash, type DriveItem } from './drive/drive-item.ts';
import type { DrivePermission, FileVersion } from './drive/drive-source.ts';
import { ITEM_PARTS, isoTime, jsonPart, partOf, readJson, type PartSource } from './stored-item.ts';

/**
 * What a file consists of in a recovery point, as named parts:
 *
 * - `properties`: Microsoft's JSON (UTF-8), without addresses that open the file to whoever knows them,
 * - `content`: every byte,
 * - `versions`: where they are backed up, JSON with the older versions, newest first, and the part of each,
 * - `permissions`: where they are backed up, JSON with those that are not inherited; absent when there are none,
 * - `unread`: the newest state could not be read; JSON with its properties and the reason. The other parts, where there are
 *   any, show the last state that could be read. Later runs try again.
 *
 * A folder has `properties` and `permissions`.
 */
export const FILE_PARTS = {
  ...ITEM_PARTS,
  content: 'content',
  versions: 'versions',
  permissions: 'permissions',
} as const;

/** An older version of a file and where its bytes are. */
export interface StoredVersion extends FileVersion {
  part: string;
}

/** What the part `unread` says. */
export interface UnreadFile {
  properties: DriveItem;
  failure: FailureRecord;
}

/** A file as it is read back from a point; the bytes are behind the parts. */
export interface StoredFile {
  properties: DriveItem;
  content: PartRef;
  /** Older versions, newest first; empty where none were backed up. */
  versions: (FileVersion & { content: PartRef })[];
  permissions: DrivePermission[];
}

/** What a point lists of a file, from Microsoft's JSON. */
export function fileListing(item: DriveItem, containerId: string): ItemListing & { kind: 'file' } {
  return {
    type: 'item',
    kind: 'file',
    containerId,
    id: item.id,
    changeKey: item.eTag ?? item.cTag ?? '',
    name: item.name ?? '',
    createdAt: isoTime(item.fileSystemInfo?.createdDateTime ?? item.createdDateTime),
    modifiedAt: isoTime(item.fileSystemInfo?.lastModifiedDateTime ?? item.lastModifiedDateTime),
    contentHash: statedHash(item),
  };
}

/** Members that open a file to whoever reads them, or that concern the answer and not the item. */
const NOT_STORED = /^(@microsoft\.graph\.(downloadUrl|sharedChanged)|@content\.downloadUrl|thumbnails)$/;

/** Of a folder these change with whatever lies in it, and say nothing about itself. */
const OF_CONTENTS = /^(size|eTag|cTag|lastModifiedDateTime|lastModifiedBy|folder|@odata\..*)$/;

/** The part `properties` of a file. */
export function filePropertiesPart(item: DriveItem): PartContent {
  return jsonPart(FILE_PARTS.properties, without(item, NOT_STORED));
}

/** The part `properties` of a folder. */
export function folderPropertiesPart(item: DriveItem): PartContent {
  const { folder, ...rest } = without(item, NOT_STORED);
  const view = folder?.['view'];
  return jsonPart(FILE_PARTS.properties, {
    ...without(rest, OF_CONTENTS),
    ...(folder !== undefined && { folder: view === undefined ? {} : { view } }),
  });
}

/** The part `permissions`; null when there are none to store. */
export function permissionsPart(permissions: readonly DrivePermission[]): PartContent | null {
  return permissions.length === 0 ? null : jsonPart(FILE_PARTS.permissions, permissions);
}

/** The part `versions`, which lists those that are stored. */
export function versionsPart(versions: readonly StoredVersion[]): PartContent {
  return jsonPart(FILE_PARTS.versions, versions);
}

/** The part that says why the newest state of a file is missing. */
export function unreadFilePart(unread: UnreadFile): PartContent {
  return jsonPart(FILE_PARTS.unread, { ...unread, properties: without(unread.properties, NOT_STORED) });
}

/** True when these very bytes are stored already under this name. */
export function isStored(part: PartContent, stored: readonly PartRef[]): boolean {
  if (!(part.content instanceof Uint8Array)) return false;
  const sha256 = createHash('sha256').update(part.content).digest('hex');
  return stored.some((known) => known.name === part.name && known.sha256 === sha256);
}

/** Why the newest state is missing, and what was listed of it; null when nothing is missing. */
export async function readUnreadFile(entry: FileEntry, source: PartSource): Promise<UnreadFile | null> {
  return readPart<UnreadFile>(entry, FILE_PARTS.unread, source);
}

/** The older versions of a file that are stored, newest first; null where versions were not backed up. */
export async function readVersionList(entry: FileEntry, source: PartSource): Promise<StoredVersion[] | null> {
  return readPart<StoredVersion[]>(entry, FILE_PARTS.versions, source);
}

/** Permissions of a file or folder that are its own; empty where none were backed up. */
export async function readStoredPermissions(entry: WithParts, source: PartSource): Promise<DrivePermission[]> {
  return (await readPart<DrivePermission[]>(entry, FILE_PARTS.permissions, source)) ?? [];
}

/** Microsoft's JSON of a file or folder; null where none is stored. */
export async function readStoredProperties(entry: WithParts, source: PartSource): Promise<DriveItem | null> {
  return readPart<DriveItem>(entry, FILE_PARTS.properties, source);
}

/** The file of an entry; null when no state of it could ever be read. */
export async function readStoredFile(entry: FileEntry, source: PartSource): Promise<StoredFile | null> {
  const content = partOf(entry, FILE_PARTS.content);
  const properties = await readStoredProperties(entry, source);
  if (content === undefined || properties === null) return null;
  const versions = ((await readVersionList(entry, source)) ?? []).flatMap(({ part: name, ...version }) => {
    const part = partOf(entry, name);
    return part === undefined ? [] : [{ ...version, content: part }];
  });
  return { properties, content, versions, permissions: await readStoredPermissions(entry, source) };
}

/** A file or folder as far as its parts go. */
type WithParts = Pick<FileEntry | FolderEntry, 'parts'>;

async function readPart<T>(entry: WithParts, name: string, source: PartSource): Promise<T | null> {
  const part = partOf(entry, name);
  return part === undefined ? null : readJson<T>(part, source);
}

function without<T extends object>(value: T, names: RegExp): T {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.test(name))) as T;
}
