import { ACCESS } from '../../graph/access.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import { listPage, openListing, type PageSizes } from '../../graph/paging.ts';
import type { GraphRequest } from '../../http/graph-request.ts';
import { ok, type Reply } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import type { Drive } from '../state/drive.ts';
import { sizeOf } from '../state/operations.ts';
import { invalidRequest } from './drive-errors.ts';
import type { DriveBase } from './drive-base.ts';
import { cTag, eTag, itemId, plainView } from './item-json.ts';
import { readItemOptions, renderItem } from './item-options.ts';
import { openItem, type OpenItem } from './open-drive.ts';

const CHILDREN_PAGES: PageSizes = { standard: 200, most: 999 };

/** Items, one and those in a folder. */
export function itemRoutes(context: GraphContext, base: DriveBase): Route[] {
  const item = (drive: string | undefined, name: string | undefined): OpenItem =>
    openItem(context, base.open(context, drive!), name!);
  return [
    {
      method: 'GET',
      path: `${base.path}/items/{item}`,
      access: ACCESS.files,
      handle: (request, [drive, name]) => get(context, request, item(drive, name)),
    },
    {
      method: 'GET',
      path: `${base.path}/items/{item}/children`,
      access: ACCESS.files,
      handle: (request, [drive, name]) => children(context, request, item(drive, name)),
    },
  ];
}

/** Whether the client has this state already, by eTag or cTag. */
export function isKnown(context: GraphContext, request: GraphRequest, { drive, key, state }: OpenItem): boolean {
  const known = request.headers['if-none-match'];
  return (
    known !== undefined && [eTag(context, drive, key, state), cTag(context, drive, key, state)].includes(String(known))
  );
}

/** An item as the answer of a request about it alone. */
export function itemEntity(context: GraphContext, request: GraphRequest, item: OpenItem): Record<string, unknown> {
  const drive = context.tenant.drives.ids.drive(item.drive.number);
  return {
    '@odata.context': context.links.context(`drives('${drive}')/items/$entity`),
    ...renderItem(context, item, readItemOptions(request.query), plainView(request.app.clientId)),
  };
}

function get(context: GraphContext, request: GraphRequest, item: OpenItem): Reply {
  if (isKnown(context, request, item)) return { status: 304 };
  return ok(itemEntity(context, request, item));
}

/** There is no `$skip`, only `$skiptoken`. */
function children(context: GraphContext, request: GraphRequest, item: OpenItem): Reply {
  const { drive, key, state } = item;
  if (state.type === 'file' || state.type === 'shortcut') throw invalidRequest('The item is no folder.');
  const place = `drives('${context.tenant.drives.ids.drive(drive.number)}')/items('${itemId(context, drive, key)}')/children`;
  const listing = openListing(context, request, place);
  if (request.query.get('skiptoken') === undefined) listing.skip = 0;
  const options = readItemOptions(listing.query);
  const view = plainView(request.app.clientId);
  const page = { path: place, odataContext: place, listing, sizes: CHILDREN_PAGES };
  const keys = ordered(drive, drive.children(key), listing.query.get('orderby'));
  const body = listPage(context, request, page, keys, (child) =>
    renderItem(context, { ...item, key: child, state: drive.item(child)! }, options, view),
  );
  return ok(body);
}

/** By name unless `$orderby` names size or date; other orders are ignored. */
function ordered(drive: Drive, keys: readonly number[], text: string | undefined): readonly number[] {
  const [, property, direction] = /^\s*(name|size|lastModifiedDateTime)(?:\s+(asc|desc))?\s*$/i.exec(text ?? '') ?? [];
  if (property === undefined) return keys;
  const by: Record<string, (key: number) => string | number> = {
    name: (key) => drive.item(key)!.name.toLowerCase(),
    size: (key) => sizeOf(drive.item(key)!),
    lastmodifieddatetime: (key) => drive.item(key)!.modifiedAt,
  };
  const value = by[property.toLowerCase()]!;
  const sign = direction?.toLowerCase() === 'desc' ? -1 : 1;
  return [...keys].sort((a, b) => sign * (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0));
}
