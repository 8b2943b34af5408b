import { badRequest } from '../http/graph-error.ts';
import { Query, type GraphRequest } from '../http/graph-request.ts';
import type { GraphContext } from './graph-context.ts';

/** A listing's options: those of its first page, which later pages carry in their token. */
export interface Listing {
  query: Query;
  queryText: string;
  skip: number;
}

interface ListToken {
  query: string;
  skip: number;
}

/** Options of a first page, or of the page that a `$skiptoken` names. @param path in key syntax */
export function openListing(context: GraphContext, request: GraphRequest, path: string): Listing {
  const sealed = request.query.get('skiptoken');
  if (sealed === undefined) {
    const at = request.url.indexOf('?');
    const queryText = at === -1 ? '' : request.url.slice(at + 1);
    return { query: request.query, queryText, skip: request.query.number('skip') ?? 0 };
  }
  const token = context.links.open<ListToken>(path, sealed);
  return { query: new Query(token.query), queryText: token.query, skip: token.skip };
}

export interface PageSizes {
  standard: number;
  most: number;
}

export const OUTLOOK_PAGES: PageSizes = { standard: 10, most: 1000 };
export const DIRECTORY_PAGES: PageSizes = { standard: 100, most: 999 };

/** `$top`, else the preferred size, else the standard one, as far as the settings allow. @throws GraphError for $top=0 */
export function pageSize(context: GraphContext, listing: Listing, request: GraphRequest, sizes: PageSizes): number {
  const top = listing.query.number('top');
  if (top === 0) throw badRequest('The limit of 0 for Top query must be greater than zero.', 'ErrorInvalidUrlQuery');
  if (top !== undefined && top > sizes.most && sizes === DIRECTORY_PAGES) {
    throw badRequest(
      `Invalid page size specified: '${top}'. Must be between 1 and ${sizes.most} inclusive.`,
      'Request_BadRequest',
    );
  }
  return Math.min(top ?? request.preferences.maxPageSize ?? sizes.standard, sizes.most, mostPerPage(context));
}

/** The most entries of a page that the settings allow. */
export function mostPerPage({ tenant }: GraphContext): number {
  return tenant.settings.pageSize || Infinity;
}

/** One page of a collection that is known as a whole. */
export function listPage<Item>(
  context: GraphContext,
  request: GraphRequest,
  page: { path: string; odataContext: string; listing: Listing; sizes: PageSizes },
  items: readonly Item[],
  render: (item: Item) => object,
): Record<string, unknown> {
  const { path, listing } = page;
  const size = pageSize(context, listing, request, page.sizes);
  const end = listing.skip + size;
  const body: Record<string, unknown> = { '@odata.context': context.links.context(page.odataContext) };
  if (listing.query.flag('count')) body['@odata.count'] = items.length;
  body['value'] = items.slice(listing.skip, end).map(render);
  if (end < items.length) {
    const token: ListToken = { query: listing.queryText, skip: end };
    body['@odata.nextLink'] = context.links.page(path, '$skiptoken', token);
  }
  return body;
}

/** Keeps the properties that `$select` names, and the id; unknown names are ignored, as the directory does. */
export function selected(json: Record<string, unknown>, select: readonly string[] | null): Record<string, unknown> {
  if (select === null) return json;
  const wanted = new Set(select.map((name) => name.toLowerCase()));
  wanted.add('id');
  return Object.fromEntries(
    Object.entries(json).filter(([name]) => wanted.has(name.toLowerCase()) || name.startsWith('@odata')),
  );
}
