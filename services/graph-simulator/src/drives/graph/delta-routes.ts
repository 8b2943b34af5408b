import { ACCESS } from '../../graph/access.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import { GraphError } from '../../http/graph-error.ts';
import { mostPerPage } from '../../graph/paging.ts';
import { Query, type GraphRequest } from '../../http/graph-request.ts';
import { ok, type Reply } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import { changedKeys } from '../../tenant/versions.ts';
import { changedIn, lastState, sequenceAt } from './delta-order.ts';
import { invalidRequest } from './drive-errors.ts';
import type { DriveBase } from './drive-base.ts';
import { everythingAt } from '../state/everything-at.ts';
import { deletedJson } from './item-json.ts';
import { readItemOptions, renderItem } from './item-options.ts';
import type { OpenDrive } from './open-drive.ts';

const STANDARD_PAGE = 200;
const LARGEST_PAGE = 1000;
/** So many orders of items are remembered, so that a walk does not sort its drive for each page. */
const REMEMBERED = 16;

interface Token {
  /** Query of the first request, and the number of the sequence at which this link was made. */
  query: string;
  made: number;
  /** First walk: it began at this number. */
  base?: number;
  /** Round: changes in `(since, upTo]`, and items of a date from `from` on. */
  since?: number;
  upTo?: number;
  from?: string;
  /** How many entries were told already. */
  told?: number;
}

/** Change tracking of a drive: everything first, then what has changed since a link was made. */
export function driveDeltaRoutes(context: GraphContext, base: DriveBase): Route[] {
  const orders = new Map<string, number[]>();
  return [
    {
      method: 'GET',
      path: `${base.path}/items/{item}/delta`,
      access: ACCESS.files,
      handle: (request, [name, item]) => {
        const open = base.open(context, name!);
        if (item!.toLowerCase() !== 'root') {
          throw invalidRequest(`The expression "drives('${name}')/items/${item}/delta" is not valid.`);
        }
        return page(context, request, open, orders);
      },
    },
  ];
}

function page(context: GraphContext, request: GraphRequest, open: OpenDrive, orders: Map<string, number[]>): Reply {
  const { tenant } = context;
  const { drive } = open;
  const token = readToken(context, request, open);
  const query = new Query(token.query);
  const link = (next: Omit<Token, 'query' | 'made'>): string => {
    const sealed = context.links.seal(path(context, open), { query: token.query, made: tenant.sequence, ...next });
    return `${context.links.root}/v1.0/${path(context, open)}?token=${sealed}`;
  };
  const prefer = String(request.headers['prefer'] ?? '').toLowerCase();
  const sharing = prefer.includes('deltashowsharingchanges');
  const ancestors = String(request.headers['deltaexcludeparent'] ?? '').toLowerCase() !== 'true';
  const { since, base = tenant.sequence, upTo = tenant.sequence, from = null, told = 0 } = token;
  const first = since === undefined;
  const descendants = tenant.settings.drives.omitDeletedDescendants !== 1;
  const flags = `${since} ${upTo} ${from} ${sharing} ${ancestors} ${descendants}`;
  const keys = first
    ? remembered(orders, `${drive.number} ${base}`, () => everythingAt(drive, base))
    : remembered(orders, `${drive.number} ${flags}`, () =>
        changedIn(drive, { since, upTo, from, sharing, ancestors, descendants }),
      );
  const asked = query.number('top') || request.preferences.maxPageSize || STANDARD_PAGE;
  const size = Math.min(asked, LARGEST_PAGE, mostPerPage(context));
  const shown = keys.slice(Math.max(0, told - tenant.settings.drives.repeatedInDelta), told + size);
  const resharedKeys = sharing && !first ? new Set(changedKeys(drive.sharingChanges, since, upTo)) : new Set<number>();
  const view = { delta: true, ownSharingOnly: prefer.includes('hierarchicalsharing'), app: request.app.clientId };
  const options = readItemOptions(query);
  const value = shown.flatMap((key) => {
    const state = drive.item(key);
    if (state === null) {
      const last = lastState(drive, key);
      return first || last === null ? [] : [deletedJson(context, drive, key, last)];
    }
    const changed = resharedKeys.has(key) ? { '@microsoft.graph.sharedChanged': 'True' } : {};
    return [{ ...renderItem(context, { ...open, key, state }, options, view), ...changed }];
  });
  const more = told + size < keys.length;
  const goesOn = first
    ? { base, told: told + size }
    : { since, upTo, told: told + size, ...(from !== null && { from }) };
  return ok({
    '@odata.context': context.links.context('Collection(driveItem)'),
    ...(more ? { '@odata.nextLink': link(goesOn) } : { '@odata.deltaLink': link({ since: first ? base : upTo }) }),
    value,
  });
}

function remembered(orders: Map<string, number[]>, name: string, make: () => number[]): number[] {
  const known = orders.get(name);
  if (known !== undefined) return known;
  const made = make();
  const [oldest] = orders.keys();
  if (orders.size >= REMEMBERED && oldest !== undefined) orders.delete(oldest);
  orders.set(name, made);
  return made;
}

/** Where a walk or round stands: `latest`, a time, or the token of a link. @throws GraphError 410 for a link that is expired */
function readToken(context: GraphContext, request: GraphRequest, open: OpenDrive): Token {
  const { tenant } = context;
  const at = request.url.indexOf('?');
  const query = at === -1 ? '' : request.url.slice(at + 1);
  const given = request.query.get('token');
  const made = tenant.sequence;
  if (given === undefined) return { query, made };
  if (given.toLowerCase() === 'latest') return { query, made, since: made };
  if (/^\d{4}-\d\d-\d\dT/.test(given)) return { query, made, ...startAt(open, given) };
  const token = openToken(context, open, given);
  if (token.made < tenant.linksValidFrom(open.owner.mailbox ?? -1)) throw resyncRequired(context, open);
  return token;
}

function startAt({ drive }: OpenDrive, text: string): { since: number; from: string } {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw invalidRequest(`The token '${text}' is no time.`);
  return { since: sequenceAt(drive, time), from: `${new Date(time).toISOString().slice(0, 19)}Z` };
}

function openToken(context: GraphContext, open: OpenDrive, sealed: string): Token {
  try {
    return context.links.open<Token>(path(context, open), sealed);
  } catch {
    throw invalidRequest('The delta token is not valid.');
  }
}

/** Its Location begins a new walk. */
function resyncRequired(context: GraphContext, open: OpenDrive): GraphError {
  const lost = context.tenant.settings.drives.resyncMayHaveLostData !== 0;
  return new GraphError(
    410,
    'resyncRequired',
    lost
      ? 'Resync required. Upload any local items that the service did not return, and upload any files that differ.'
      : "Resync required. Replace any local items with the server's version (including deletes) if you're sure that the service was up to date with your local changes when you last sync'd.",
    {
      headers: { Location: `${context.links.root}/v1.0/${path(context, open)}` },
      innerCode: lost ? 'resyncChangesUploadDifferences' : 'resyncChangesApplyDifferences',
    },
  );
}

function path({ tenant }: GraphContext, { drive }: OpenDrive): string {
  return `drives/${tenant.drives.ids.drive(drive.number)}/root/delta`;
}
