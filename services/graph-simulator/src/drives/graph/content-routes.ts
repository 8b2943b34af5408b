import { ACCESS } from '../../graph/access.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import { GraphError } from '../../http/graph-error.ts';
import type { GraphRequest } from '../../http/graph-request.ts';
import type { Reply } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import { downloadUrl } from './download-address.ts';
import { invalidRequest, lengthRequired, malwareDetected } from './drive-errors.ts';
import type { DriveBase } from './drive-base.ts';
import { isKnown, itemEntity } from './item-routes.ts';
import { forWriting, openItem, openPlace, type OpenDrive, type OpenItem } from './open-drive.ts';
import { checkIfMatch, checkPlace, placeFile, readConflict } from './placing.ts';

/** Larger files need an upload session. */
const MOST = 250 * 1024 * 1024;

/** The content of files: where to get it, and putting a small one. */
export function contentRoutes(context: GraphContext, base: DriveBase): Route[] {
  const path = `${base.path}/items/{item}/content`;
  return [
    {
      method: 'GET',
      path,
      access: ACCESS.files,
      handle: (request, [drive, item]) =>
        whereToGet(context, request, openItem(context, base.open(context, drive!), item!)),
    },
    {
      method: 'PUT',
      path,
      access: ACCESS.filesWrite,
      handle: (request, [drive, item]) => put(context, request, forWriting(base.open(context, drive!)), item!),
    },
  ];
}

function whereToGet(context: GraphContext, request: GraphRequest, item: OpenItem): Reply {
  const { drive, key, state } = item;
  if (state.type !== 'file') throw invalidRequest('Only files have content.');
  if (state.malware !== null) throw malwareDetected();
  if (state.unreadable)
    throw new GraphError(503, 'serviceNotAvailable', 'The service is not available. Try again later.');
  if (isKnown(context, request, item)) return { status: 304 };
  const app = request.app.clientId;
  const location = downloadUrl(context, { drive: drive.number, key, version: null, app, paid: true });
  return { status: 302, headers: { Location: location } };
}

async function put(context: GraphContext, request: GraphRequest, open: OpenDrive, name: string): Promise<Reply> {
  if (request.headers['content-length'] === undefined) throw lengthRequired();
  // An id alone names a file that is to be overwritten; a path may name nothing yet.
  const conflict = name.includes(':/') ? readConflict(request, {}, 'replace') : 'replace';
  const before = openPlace(context, open, name);
  if (before.existing !== null) checkIfMatch(context, request, openItem(context, open, name));
  checkPlace(before, conflict);
  const content = await context.tenant.content.keepStream(request.pieces(MOST));
  // What was awaited may have been overtaken: the place is looked at again.
  const place = openPlace(context, open, name);
  const { key, isNew } = placeFile(context, place, { content, conflict, set: {} });
  const item = { ...open, key, state: open.drive.item(key)! };
  return { status: isNew ? 201 : 200, json: itemEntity(context, request, item) };
}
