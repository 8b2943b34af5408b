import { Failure, isFailure } from '@backhaul/domain';
import type { DriveItem, DriveTarget, FileDates, FileToWrite, Grantee } from '@backhaul/engine';
import { DRIVE_REQUESTS_AT_ONCE } from '../drive-scope.ts';
import type { Graph } from '../graph.ts';
import { openContent } from './content.ts';
import { childPath, driveOfUser, itemPath, type DriveAccess } from './drive-access.ts';
import { children, permissions } from './drive-source.ts';
import { uploadStream } from './upload-stream.ts';

const CONFLICT = '@microsoft.graph.conflictBehavior';

/** Where files of one user's OneDrive are restored to; implements the engine's port on Microsoft Graph. It never sends mail. */
export function driveTarget(graph: Graph, userId: string): DriveTarget {
  const access = driveOfUser(graph, userId);
  return {
    concurrency: DRIVE_REQUESTS_AT_ONCE,
    drive: (signal) => access.drive(signal),
    item: (id, signal) => access.find(itemPath(id), signal),
    children: (folderId, signal) => children(access, folderId, signal),
    child: (folderId, name, signal) => access.find(childPath(folderId, name).slice(0, -1), signal),
    ensureFolder: (parentId, name, dates, signal) => ensureFolder(access, parentId, name, dates, signal),
    write: (parentId, file, signal) =>
      file.content.length === 0
        ? writeEmpty(access, parentId, file, signal)
        : writeContent(graph, access, parentId, file, signal),
    rename: (id, name, signal) =>
      access.json<DriveItem>({ method: 'PATCH', path: itemPath(id), body: { name }, signal }),
    remove: (id, signal) => remove(access, id, signal),
    content: (id, signal) => openContent(graph, access, { id }, { offset: 0, ifTag: null }, signal),
    permissions: (id, signal) => permissions(access, id, signal),
    grant: (id, { to, role, expiresAt }, signal) =>
      access.send({
        method: 'POST',
        path: `${itemPath(id)}/invite`,
        body: {
          recipients: [recipient(to)],
          roles: [role],
          requireSignIn: true,
          sendInvitation: false,
          ...expiry(expiresAt),
        },
        // Whom it was given already has it: once more does no harm.
        repeatable: true,
        signal,
      }),
    link: (id, { type, scope, recipients, expiresAt }, signal) =>
      access.send({
        method: 'POST',
        path: `${itemPath(id)}/createLink`,
        body: {
          type,
          scope,
          retainInheritedPermissions: true,
          ...(recipients.length > 0 && { recipients: recipients.map(recipient), sendNotification: false }),
          ...expiry(expiresAt),
        },
        repeatable: true,
        signal,
      }),
  };
}

/** Told to replace a folder, Microsoft gives back the one that is there, unchanged; so it may be asked twice. */
function ensureFolder(
  access: DriveAccess,
  parentId: string,
  name: string,
  dates: FileDates | null,
  signal: AbortSignal,
): Promise<DriveItem> {
  const body = { name, folder: {}, [CONFLICT]: 'replace', ...(dates !== null && { fileSystemInfo: plain(dates) }) };
  return access.json({ method: 'POST', path: `${itemPath(parentId)}/children`, body, repeatable: true, signal });
}

/**
 * By an upload session, also when it is small: only so a file and its dates come to be at once, by as many requests as it
 * takes to write it and to set its dates afterwards.
 */
async function writeContent(
  graph: Graph,
  access: DriveAccess,
  parentId: string,
  { name, content, dates, ifTaken }: FileToWrite,
  signal: AbortSignal,
): Promise<DriveItem> {
  const item = { [CONFLICT]: ifTaken, name, fileSystemInfo: plain(dates), fileSize: content.length };
  const { uploadUrl } = await access.json<{ uploadUrl: unknown }>({
    method: 'POST',
    path: `${childPath(parentId, name)}/createUploadSession`,
    body: { item },
    // A session that nobody uses ends by itself.
    repeatable: true,
    signal,
  });
  return uploadStream(graph, uploadUrl, content, signal);
}

/** A session takes no file without bytes. */
async function writeEmpty(
  access: DriveAccess,
  parentId: string,
  { name, dates, ifTaken }: FileToWrite,
  signal: AbortSignal,
): Promise<DriveItem> {
  const { id } = await access.json<DriveItem>({
    method: 'PUT',
    path: `${childPath(parentId, name)}/content?${CONFLICT}=${ifTaken}`,
    headers: { 'Content-Type': 'application/octet-stream' },
    body: '',
    // What was made by a first try would be in the way of a second.
    repeatable: ifTaken === 'replace',
    signal,
  });
  return access.json<DriveItem>({
    method: 'PATCH',
    path: itemPath(id),
    body: { fileSystemInfo: plain(dates) },
    signal,
  });
}

/** To the recycle bin is not enough for a file that a restore has left half made. */
async function remove(access: DriveAccess, id: string, signal: AbortSignal): Promise<void> {
  try {
    await access.send({ method: 'POST', path: `${itemPath(id)}/permanentDelete`, repeatable: true, signal });
  } catch (error) {
    if (!isFailure(error, 'not-found')) throw error;
  }
}

/** @throws Failure `invalid-input` for somebody who is known by neither address nor id */
function recipient({ email, id }: Grantee): { email: string } | { objectId: string } {
  if (email) return { email };
  if (id !== undefined) return { objectId: id };
  throw new Failure('invalid-input', {
    code: 'graph.recipient-unknown',
    message: 'Nobody can be given a permission without an address or an id.',
    retry: 'never',
  });
}

function expiry(expiresAt: string | null): { expirationDateTime?: string } {
  return expiresAt === null ? {} : { expirationDateTime: expiresAt };
}

/** Only what can be set. */
function plain({ createdDateTime, lastModifiedDateTime }: FileDates): FileDates {
  return {
    ...(createdDateTime !== undefined && { createdDateTime }),
    ...(lastModifiedDateTime !== undefined && { lastModifiedDateTime }),
  };
}
