import { randomBytes } from 'node:crypto';
import { ACCESS } from '../../graph/access.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import { jsonBody, type JsonObject } from '../../graph/json-body.ts';
import type { GraphRequest } from '../../http/graph-request.ts';
import type { Reply } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import type { DriveUpload } from '../state/event.ts';
import { fits } from '../state/operations.ts';
import { invalidRequest, notAllowed, quotaReached } from './drive-errors.ts';
import type { DriveBase } from './drive-base.ts';
import { forWriting, openItem, openPlace, type OpenDrive } from './open-drive.ts';
import { checkIfMatch, checkName, readConflict, readFileDates } from './placing.ts';
import { sessionJson, UPLOAD_PREFIX } from './upload-session.ts';

/** Asks for an upload session: a file that comes in fragments. */
export function driveUploadRoutes(context: GraphContext, base: DriveBase): Route[] {
  return [
    {
      method: 'POST',
      path: `${base.path}/items/{item}/createUploadSession`,
      access: ACCESS.filesWrite,
      handle: (request, [drive, item]) => create(context, request, forWriting(base.open(context, drive!)), item!),
    },
  ];
}

/** Whether the name is taken is seen when the last fragment has come. */
async function create(context: GraphContext, request: GraphRequest, open: OpenDrive, name: string): Promise<Reply> {
  const bytes = Number(request.headers['content-length'] ?? 0);
  const body = bytes === 0 ? {} : await jsonBody(request);
  const { tenant } = context;
  const item = (body['item'] ?? {}) as JsonObject;
  const byId = !name.includes(':/');
  const place = openPlace(context, open, name);
  if (place.existing !== null) checkIfMatch(context, request, openItem(context, open, name));
  if (byId && open.drive.item(place.existing!)!.type !== 'file') throw invalidRequest('Only files can be uploaded.');
  const given = !byId && typeof item['name'] === 'string' ? item['name'] : place.name;
  checkName(open, place.parent, given);
  if (open.drive.item(place.parent)!.type === 'package') throw notAllowed('Notebooks cannot be written.');
  const size = readSize(item['fileSize']);
  if (size !== null && !fits(open.drive, size)) throw quotaReached();
  const dates = readFileDates(item['fileSystemInfo']);
  const id = randomBytes(24).toString('base64url');
  const now = context.now().getTime();
  const { uploadSessionSeconds, uploadUrlSeconds } = tenant.settings.drives;
  const session: DriveUpload = {
    app: request.app.clientId,
    drive: open.drive.number,
    item: byId ? place.existing : null,
    parent: place.parent,
    name: given,
    conflict: byId ? 'replace' : readConflict(request, item, 'fail'),
    fileCreatedAt: dates.fileCreatedAt ?? null,
    fileModifiedAt: dates.fileModifiedAt ?? null,
    description: typeof item['description'] === 'string' ? item['description'] : null,
    size,
    deferCommit: body['deferCommit'] === true,
    pieces: [],
    expires: now + uploadSessionSeconds * 1000,
    tokenExpires: now + uploadUrlSeconds * 1000,
  };
  tenant.apply({ do: 'drive-upload', id, session });
  const json = {
    '@odata.context': context.links.context('microsoft.graph.uploadSession'),
    uploadUrl: `${context.links.root}${UPLOAD_PREFIX}${id}`,
    ...sessionJson(session),
  };
  return { status: 200, json };
}

function readSize(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    throw invalidRequest('fileSize must be a whole number.');
  }
  return value;
}
