import type { DriveChanges, DriveItem, DrivePermission, DriveSource, FileVersion } from '@backhaul/engine';
import { checkCursor, noCursor } from '../cursor.ts';
import { DRIVE_REQUESTS_AT_ONCE } from '../drive-scope.ts';
import type { Graph } from '../graph.ts';
import { openContent, openVersion } from './content.ts';
import { driveOfUser, itemPath, type DriveAccess } from './drive-access.ts';

/** Entries asked for per page; larger pages cost no more of the tenant's budget. */
const CHANGES_PER_PAGE = 500;
const CHILDREN_PER_PAGE = 999;

/**
 * What makes the feed tell of sharing: items that are listed for their sharing alone, and `shared` only where it was set
 * and not on everything below.
 */
const SHARING = [
  'hierarchicalsharing',
  'deltashowremovedasdeleted',
  'deltatraversepermissiongaps',
  'deltashowsharingchanges',
];

/** The OneDrive of one user; implements the engine's port on Microsoft Graph. */
export function driveSource(graph: Graph, userId: string): DriveSource {
  const access = driveOfUser(graph, userId);
  const { host } = new URL(graph.root);
  return {
    concurrency: DRIVE_REQUESTS_AT_ONCE,
    drive: (signal) => access.drive(signal),
    changes: (cursor, { sharing }, signal) => changes(access, host, cursor, sharing, signal),
    latest: (signal) => latest(access, signal),
    children: (folderId, signal) => children(access, folderId, signal),
    item: (id, signal) => access.json<DriveItem>({ path: itemPath(id), signal }),
    content: (item, options, signal) => openContent(graph, access, item, options, signal),
    versions: (id, signal) => versions(access, id, signal),
    versionContent: (id, versionId, offset, signal) => openVersion(graph, access, id, versionId, offset, signal),
    permissions: (id, signal) => permissions(access, id, signal),
  };
}

async function* changes(
  access: DriveAccess,
  host: string,
  cursor: string | null,
  sharing: boolean,
  signal: AbortSignal,
): AsyncGenerator<DriveChanges> {
  if (cursor !== null) checkCursor(cursor, host);
  let last: string | undefined;
  for await (const page of access.pages<DriveItem & { deleted?: object | null }>({
    path: `/root/delta?$top=${CHANGES_PER_PAGE}`,
    signal,
    ...(sharing && { prefer: SHARING }),
    ...(cursor !== null && { from: cursor }),
  })) {
    last = page.deltaLink;
    yield { ...changesOf(page.value), ...(last !== undefined && { cursor: last }) };
  }
  if (last === undefined) throw noCursor();
}

/** An id that comes more than once in a page counts as what it is last. */
function changesOf(page: readonly (DriveItem & { deleted?: object | null })[]): DriveChanges {
  const latestOfEach = [...new Map(page.map((item) => [item.id, item])).values()];
  const isGone = ({ deleted }: { deleted?: object | null }) => deleted !== undefined && deleted !== null;
  return {
    changed: latestOfEach.filter((item) => !isGone(item)),
    removed: latestOfEach.filter(isGone).map(({ id, parentReference }) => ({
      id,
      ...(parentReference?.id !== undefined && { parentId: parentReference.id }),
    })),
  };
}

async function latest(access: DriveAccess, signal: AbortSignal): Promise<string> {
  for await (const { deltaLink } of access.pages({ path: '/root/delta?token=latest', signal })) {
    if (deltaLink !== undefined) return deltaLink;
  }
  throw noCursor();
}

/** All that lies in a folder, page by page. */
export async function* children(
  access: DriveAccess,
  folderId: string,
  signal: AbortSignal,
): AsyncGenerator<DriveItem[]> {
  const path = `${itemPath(folderId)}/children?$top=${CHILDREN_PER_PAGE}`;
  for await (const { value } of access.pages<DriveItem>({ path, signal })) yield value;
}

interface GraphVersion {
  id: string;
  lastModifiedDateTime?: string | null;
  size?: number | null;
}

async function versions(access: DriveAccess, id: string, signal: AbortSignal): Promise<FileVersion[]> {
  const found: FileVersion[] = [];
  for await (const { value } of access.pages<GraphVersion>({ path: `${itemPath(id)}/versions`, signal })) {
    for (const version of value) {
      const modifiedAt = Date.parse(version.lastModifiedDateTime ?? '');
      found.push({
        id: version.id,
        modifiedAt: Number.isNaN(modifiedAt) ? '' : new Date(modifiedAt).toISOString(),
        size: version.size ?? 0,
      });
    }
  }
  return found;
}

/** All permissions of an item, inherited ones included. */
export async function permissions(access: DriveAccess, id: string, signal: AbortSignal): Promise<DrivePermission[]> {
  const found: DrivePermission[] = [];
  const path = `${itemPath(id)}/permissions`;
  for await (const { value } of access.pages<DrivePermission>({ path, signal })) found.push(...value);
  return found;
}
