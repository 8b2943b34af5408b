import { isFailure } from '@backhaul/domain';
import type { Drive, DriveItem } from '@backhaul/engine';
import { DRIVE_SCOPE } from '../drive-scope.ts';
import type { GraphRequest, PageRequest } from '../graph-request.ts';
import type { Graph } from '../graph.ts';
import type { Page } from '../paging.ts';

/** Graph narrowed to one drive: paths begin below it, requests count against what the application may do with drives. */
export interface DriveAccess {
  json<T>(request: GraphRequest): Promise<T>;
  send(request: GraphRequest): Promise<void>;
  pages<T>(request: PageRequest): AsyncGenerator<Page<T>>;
  location(request: GraphRequest): Promise<string>;
  /** The drive itself, by one request. */
  drive(signal: AbortSignal): Promise<Drive>;
  /** An item as it is now; null when there is none. */
  find(path: string, signal: AbortSignal): Promise<DriveItem | null>;
}

/** The OneDrive of a user, which is addressed through the user, so that nothing has to be asked first. */
export function driveOfUser(graph: Graph, userId: string): DriveAccess {
  return openDrive(graph, `/users/${encodeURIComponent(userId)}/drive`);
}

function openDrive(graph: Graph, base: string): DriveAccess {
  const narrowed = <R extends GraphRequest>(request: R): R => ({
    ...request,
    path: base + request.path,
    scope: DRIVE_SCOPE,
  });
  const access: DriveAccess = {
    json: (request) => graph.json(narrowed(request)),
    send: (request) => graph.send(narrowed(request)),
    pages: (request) => graph.pages(narrowed(request)),
    location: (request) => graph.location(narrowed(request)),
    drive: (signal) => describeDrive(access, signal),
    async find(path, signal) {
      try {
        return await access.json<DriveItem>({ path, signal });
      } catch (error) {
        if (isFailure(error, 'not-found')) return null;
        throw error;
      }
    },
  };
  return access;
}

/** The root says which drive it is of, so the drive itself need not be asked. */
async function describeDrive(access: DriveAccess, signal: AbortSignal): Promise<Drive> {
  const { id: rootId, parentReference } = await access.json<DriveItem>({ path: '/root', signal });
  const { driveId, driveType } = parentReference ?? {};
  if (driveId !== undefined) return { id: driveId, rootId, driveType: typeof driveType === 'string' ? driveType : '' };
  const drive = await access.json<{ id: string; driveType?: string }>({ path: '', signal });
  return { id: drive.id, rootId, driveType: drive.driveType ?? '' };
}

/** An item as a path segment. */
export function itemPath(id: string): string {
  return `/items/${encodeURIComponent(id)}`;
}

/** What lies (or is to lie) under a name in a folder. */
export function childPath(folderId: string, name: string): string {
  return `${itemPath(folderId)}:/${encodeURIComponent(name)}:`;
}
