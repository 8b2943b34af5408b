import type { GraphContext } from '../../graph/graph-context.ts';
import { GraphError } from '../../http/graph-error.ts';
import type { OpenAddresses, OpenRequest } from '../../http/open-addresses.ts';
import type { Reply } from '../../http/reply.ts';
import type { SharePointLimits } from '../../limits/sharepoint-limits.ts';
import { Content } from '../../tenant/content.ts';
import type { DriveUpload } from '../state/event.ts';
import { fits } from '../state/operations.ts';
import { driveItemNotFound, invalidRequest, lengthRequired, quotaReached } from './drive-errors.ts';
import { itemJson, plainView } from './item-json.ts';
import { forWriting, openDrive, type OpenDrive, type OpenPlace } from './open-drive.ts';
import { placeFile } from './placing.ts';

/** Beginning of the paths of all upload addresses. */
export const UPLOAD_PREFIX = '/upload/drive/';

const FRAGMENT_MOST = 60 * 1024 * 1024;
/** All fragments but the last are a multiple of it: 320 KiB. */
const FRAGMENT_UNIT = 327_680;

/** The addresses that files come to in fragments; they need no token and must not get one. */
export function driveUploads(context: GraphContext, limits: SharePointLimits): OpenAddresses {
  const { tenant } = context;
  return {
    prefix: UPLOAD_PREFIX,
    scope: (id) => {
      const session = tenant.drives.uploads.get(id);
      if (session === undefined) return { app: null, mailbox: null, drive: null };
      return { app: session.app, mailbox: null, drive: tenant.drives.get(session.drive)?.state.owner ?? null };
    },
    answer: async (request) => {
      const session = open(context, request);
      const { headers } = limits.enter(
        session.app,
        request.method === 'GET' ? 1 : 2,
        tenant.settings.limits,
        Date.now(),
      );
      const { latencyMs } = tenant.settings;
      if (latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, latencyMs));
      const reply = await answer(context, request, session);
      return { ...reply, headers: { ...reply.headers, ...headers } };
    },
  };
}

/** @throws GraphError 404 for a session that is over, 401 for an address that is too old or comes with a token */
function open(context: GraphContext, { id, headers }: OpenRequest): DriveUpload {
  const session = context.tenant.drives.uploads.get(id);
  const now = context.now().getTime();
  if (session === undefined) throw sessionNotFound();
  if (headers['authorization'] !== undefined) {
    throw new GraphError(
      401,
      'unauthenticated',
      'The upload address is authorized already: send no Authorization header.',
    );
  }
  if (session.tokenExpires <= now) {
    throw new GraphError(401, 'unauthenticated', 'The access token has expired.', { innerCode: 'expiredToken' });
  }
  if (session.expires <= now) throw sessionNotFound();
  return session;
}

async function answer(context: GraphContext, request: OpenRequest, session: DriveUpload): Promise<Reply> {
  const { tenant } = context;
  switch (request.method) {
    case 'GET':
      return { status: 200, json: sessionJson(session) };
    case 'DELETE':
      tenant.apply({ do: 'drive-upload', id: request.id, session: null });
      return { status: 204 };
    case 'PUT':
      return takeFragment(context, request);
    case 'POST':
      if (!session.deferCommit || received(session) !== session.size)
        throw invalidRequest('There is nothing to commit.');
      return commit(context, request.id, session);
    default:
      throw new GraphError(405, 'MethodNotAllowed', 'Upload addresses take PUT, GET, POST and DELETE.');
  }
}

/** A fragment that is refused leaves none of its bytes behind. */
async function takeFragment(context: GraphContext, request: OpenRequest): Promise<Reply> {
  const { tenant } = context;
  if (request.headers['content-length'] === undefined) throw lengthRequired();
  const range = readContentRange(request.headers['content-range']);
  checkFragment(request.bodySize, range);
  const source = await tenant.content.keepStream(request.pieces(FRAGMENT_MOST));
  // What was awaited may have been overtaken: the session is read again.
  const session = open(context, request);
  const drive = forWriting(openDrive(context, tenant.drives.ids.drive(session.drive)));
  if (session.size !== null && session.size !== range.total) {
    throw invalidRequest('Content-Range names another size than the session.', 'invalidRange');
  }
  if (range.from !== received(session)) {
    throw new GraphError(
      416,
      'invalidRange',
      'The uploaded fragment has already been received, or does not come next.',
    );
  }
  if (!fits(drive.drive, range.total)) throw quotaReached();
  const pieces = source.from === 'pieces' ? source.pieces : source.from === 'file' ? [source] : [];
  const expires = context.now().getTime() + tenant.settings.drives.uploadSessionSeconds * 1000;
  const next: DriveUpload = { ...session, size: range.total, pieces: [...session.pieces, ...pieces], expires };
  if (received(next) === range.total && !next.deferCommit) return commit(context, request.id, next);
  tenant.apply({ do: 'drive-upload', id: request.id, session: next });
  return { status: 202, json: sessionJson(next) };
}

interface ContentRange {
  from: number;
  to: number;
  total: number;
}

function checkFragment(size: number, { from, to, total }: ContentRange): void {
  if (to < from || to >= total) throw invalidRequest('Content-Range is no range of the file.', 'invalidRange');
  if (size !== to - from + 1) throw invalidRequest('Content-Range and body differ in length.', 'invalidRange');
  if (size >= FRAGMENT_MOST) throw new GraphError(413, 'fragmentTooLarge', 'A fragment must be below 60 MiB.');
  if (to + 1 < total && size % FRAGMENT_UNIT !== 0) {
    throw invalidRequest('All fragments but the last must be a multiple of 320 KiB.', 'fragmentLengthMismatch');
  }
}

/** The file comes to be where it was meant to; when that is not possible, the session stays as it was. */
function commit(context: GraphContext, id: string, session: DriveUpload): Reply {
  const { tenant } = context;
  const drive = forWriting(openDrive(context, tenant.drives.ids.drive(session.drive)));
  const { fileCreatedAt, fileModifiedAt, description } = session;
  const set = {
    ...(fileCreatedAt !== null && { fileCreatedAt }),
    ...(fileModifiedAt !== null && { fileModifiedAt }),
    ...(description !== null && { description }),
  };
  const content = Content.inOrder(session.pieces);
  const { key, isNew } = placeFile(context, placeOf(drive, session), { content, conflict: session.conflict, set });
  tenant.apply({ do: 'drive-upload', id, session: null });
  const state = drive.drive.item(key)!;
  return { status: isNew ? 201 : 200, json: itemJson(context, drive, key, state, plainView(session.app)) };
}

/** An item may have moved meanwhile; a folder may be gone. */
function placeOf(open: OpenDrive, { item, parent, name }: DriveUpload): OpenPlace {
  const { drive } = open;
  if (item !== null) {
    const state = drive.item(item);
    if (state === null) throw driveItemNotFound();
    return { ...open, parent: state.parent, name: state.name, existing: item };
  }
  if (drive.item(parent) === null) throw driveItemNotFound();
  return { ...open, parent, name, existing: drive.child(parent, name) ?? null };
}

/** Where a session stands. */
export function sessionJson(session: DriveUpload): Record<string, unknown> {
  const isComplete = session.size !== null && received(session) === session.size;
  return {
    expirationDateTime: new Date(session.expires).toISOString(),
    nextExpectedRanges: isComplete ? [] : [`${received(session)}-`],
  };
}

function received({ pieces }: DriveUpload): number {
  return pieces.reduce((sum, { size }) => sum + size, 0);
}

function readContentRange(header: string | string[] | undefined): ContentRange {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(String(header ?? ''));
  if (match === null) throw invalidRequest('Content-Range must read "bytes from-to/total".', 'invalidRange');
  return { from: Number(match[1]), to: Number(match[2]), total: Number(match[3]) };
}

function sessionNotFound(): GraphError {
  return driveItemNotFound('The upload session was not found.');
}
