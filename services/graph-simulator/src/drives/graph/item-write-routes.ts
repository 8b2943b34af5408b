import { ACCESS } from '../../graph/access.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import { jsonBody, type JsonObject } from '../../graph/json-body.ts';
import type { GraphRequest } from '../../http/graph-request.ts';
import { noContent, ok, type Reply } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import { ROOT, type ItemState } from '../state/item.ts';
import { sameName } from '../state/names.ts';
import { changeItem, createItem, momentOf, removeItem } from '../state/operations.ts';
import { driveItemNotFound, invalidRequest, nameAlreadyExists, notAllowed } from './drive-errors.ts';
import type { DriveBase } from './drive-base.ts';
import { itemEntity } from './item-routes.ts';
import { forWriting, openItem, type OpenItem } from './open-drive.ts';
import { checkIfMatch, checkName, nextFreeName, readConflict, readFileDates } from './placing.ts';

/** What can be done to items but to their content: folders, names, places, dates, the end. */
export function itemWriteRoutes(context: GraphContext, base: DriveBase): Route[] {
  const path = `${base.path}/items/{item}`;
  const route = (
    method: string,
    below: string,
    handle: (request: GraphRequest, item: OpenItem) => Reply | Promise<Reply>,
  ): Route => ({
    method,
    path: path + below,
    access: ACCESS.filesWrite,
    handle: (request, [drive, item]) =>
      handle(request, openItem(context, forWriting(base.open(context, drive!)), item!)),
  });
  return [
    route('POST', '/children', (request, item) => createFolder(context, request, item)),
    route('PATCH', '', (request, item) => change(context, request, item)),
    route('DELETE', '', (request, item) => remove(context, request, item)),
    route('POST', '/permanentDelete', (request, item) => remove(context, request, item)),
  ];
}

/** `replace` gives back a folder that is there already, unchanged. */
async function createFolder(context: GraphContext, request: GraphRequest, item: OpenItem): Promise<Reply> {
  const body = await jsonBody(request);
  const { drive, key: parent } = item;
  const conflict = readConflict(request, body, 'fail');
  const given = body['name'];
  if (typeof given !== 'string') throw invalidRequest('The property name is required.');
  if (typeof body['folder'] !== 'object') throw invalidRequest('Only folders can be made in this way.');
  if (item.state.type !== 'folder') throw notAllowed('Nothing can be made in here.');
  checkName(item, parent, given);
  const existing = drive.child(parent, given);
  if (existing !== undefined && conflict !== 'rename') {
    const state = drive.item(existing)!;
    if (conflict === 'fail' || state.type !== 'folder') throw nameAlreadyExists();
    return ok(itemEntity(context, request, { ...item, key: existing, state }));
  }
  const name = existing === undefined ? given : nextFreeName(item, parent, given);
  const now = momentOf(context.now());
  const set = { ...readFileDates(body['fileSystemInfo']), ...readDescription(body) };
  const key = createItem(context.tenant, drive, { type: 'folder', name, parent, ...set }, now);
  return { status: 201, json: itemEntity(context, request, { ...item, key, state: drive.item(key)! }) };
}

async function change(context: GraphContext, request: GraphRequest, item: OpenItem): Promise<Reply> {
  const body = await jsonBody(request);
  checkIfMatch(context, request, item);
  const { drive, key } = item;
  const moves = body['name'] !== undefined || body['parentReference'] !== undefined;
  if (key === ROOT && moves) throw invalidRequest('The root can be neither moved nor renamed.');
  const place = moves ? newPlace(context, request, item, body) : {};
  const set = { ...place, ...readFileDates(body['fileSystemInfo']), ...readDescription(body) };
  changeItem(context.tenant, drive, key, set, momentOf(context.now()));
  return ok(itemEntity(context, request, { ...item, state: drive.item(key)! }));
}

/** @throws GraphError when the item cannot come there */
function newPlace(context: GraphContext, request: GraphRequest, item: OpenItem, body: JsonObject): Partial<ItemState> {
  const { drive, key, state } = item;
  const parent = newParent(context, item, body['parentReference']);
  const given = body['name'] ?? state.name;
  if (typeof given !== 'string') throw invalidRequest('name must be a text.');
  if (drive.isWithin(parent, key)) throw invalidRequest('An item cannot be moved below itself.');
  if (drive.item(parent)!.type !== 'folder') throw invalidRequest('The new parent is no folder.');
  const isUnchanged = parent === state.parent && sameName(given) === sameName(state.name);
  if (!isUnchanged || given !== state.name) checkName(item, parent, given);
  if (isUnchanged || drive.child(parent, given) === undefined) return { parent, name: given };
  if (readConflict(request, body, 'fail') !== 'rename') throw nameAlreadyExists();
  return { parent, name: nextFreeName(item, parent, given) };
}

function newParent(context: GraphContext, item: OpenItem, reference: unknown): number {
  if (reference === undefined || reference === null) return item.state.parent;
  const { id, driveId, path } = reference as Record<string, unknown>;
  const { ids } = context.tenant.drives;
  if (driveId !== undefined && driveId !== ids.drive(item.drive.number)) {
    throw invalidRequest('Items cannot be moved to another drive.');
  }
  if (typeof id === 'string') return openItem(context, item, id).key;
  const below = typeof path === 'string' ? /root:(\/.*)?$/.exec(path) : null;
  if (below === null) return item.state.parent;
  return below[1] === undefined ? ROOT : openItem(context, item, `root:${below[1]}`).key;
}

function readDescription(body: JsonObject): Partial<ItemState> {
  const { description } = body;
  return typeof description === 'string' ? { description } : {};
}

function remove(context: GraphContext, request: GraphRequest, item: OpenItem): Reply {
  checkIfMatch(context, request, item);
  if (item.key === ROOT) throw invalidRequest('The root cannot be deleted.');
  if (item.drive.item(item.key) === null) throw driveItemNotFound();
  removeItem(context.tenant, item.drive, item.key, momentOf(context.now()));
  return noContent;
}
