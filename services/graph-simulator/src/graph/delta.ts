import { GraphError } from '../http/graph-error.ts';
import type { GraphRequest } from '../http/graph-request.ts';
import { Query } from '../http/graph-request.ts';
import { firstNotBelow } from '../tenant/sorted-keys.ts';
import { changedKeys, type Change } from '../tenant/versions.ts';
import type { GraphContext } from './graph-context.ts';
import { mostPerPage } from './paging.ts';

/*
 * Change tracking of one collection, as `graph-facts` 3 describes it. A first walk enumerates what is there, in the order
 * of keys; what changes meanwhile is told by the round that follows, because the link at the end remembers the number of
 * the sequence at which the walk began. A round tells every key that changed between two numbers of the sequence.
 */

/** The collection, as change tracking sees it. */
export interface Tracked {
  /** Path in key syntax, ending in `/delta`. */
  path: string;
  mailbox: number;
  /** Keys that are there now, ascending. */
  keys: readonly number[];
  changes: readonly Change[];
  /** How many entries a key is told as; 1 for all when it is missing. A page ends with the key that fills it. */
  weight?: (key: number) => number;
}

/** Which keys a page tells, and the link that follows. */
export interface DeltaPage {
  keys: number[];
  /** False in the first walk: there, keys that are gone are passed over. */
  tellsRemoved: boolean;
  /** Numbers of the sequence that the round covers; for `changeType`. */
  since: number;
  query: Query;
  link: { '@odata.nextLink': string } | { '@odata.deltaLink': string };
}

interface Token {
  /** Query of the first request, and the generation and number of the sequence at which this link was made. */
  query: string;
  generation: number;
  made: number;
  /** First walk: it began at `base`, and goes on after this key. */
  base?: number;
  after?: number;
  /** Round: changes in `(since, upTo]`, `told` of them told already. */
  since?: number;
  upTo?: number;
  told?: number;
  /** `$top` caps the number of entries of a first walk. */
  left?: number;
}

/** Numbers the links of each collection, so that old ones can be forgotten. Starts anew with the process. */
export class LinkGenerations {
  readonly #highest = new Map<string, number>();

  next(path: string): number {
    const generation = (this.#highest.get(path) ?? 0) + 1;
    this.#highest.set(path, generation);
    return generation;
  }

  /** @throws GraphError when more than `keep` newer links were made; 0 keeps all */
  check(path: string, generation: number, keep: number): void {
    const highest = this.#highest.get(path) ?? 0;
    if (keep > 0 && highest - generation >= keep) throw stateNotFound(generation, highest);
  }
}

/** The page that a request asks for. @throws GraphError 410 for a link that is no longer known */
export function deltaPage(
  context: GraphContext,
  generations: LinkGenerations,
  request: GraphRequest,
  tracked: Tracked,
): DeltaPage {
  const { tenant, links } = context;
  const size = Math.min(request.preferences.maxPageSize ?? 10, 1000, mostPerPage(context));
  const token = readToken(context, generations, request, tracked);
  const query = new Query(token.query);
  const link = (next: Partial<Token>, done: boolean): DeltaPage['link'] => {
    const made = { query: token.query, generation: generations.next(tracked.path), made: tenant.sequence };
    return done
      ? { '@odata.deltaLink': links.page(tracked.path, '$deltatoken', { ...made, ...next }) }
      : { '@odata.nextLink': links.page(tracked.path, '$skiptoken', { ...made, ...next }) };
  };
  if (token.since === undefined) {
    const { base = tenant.sequence, after = 0, left = Infinity } = token;
    const from = firstNotBelow(tracked.keys, after + 1);
    const keys = pageOf(tracked, tracked.keys, from, Math.min(size, left));
    const done = from + keys.length >= tracked.keys.length || keys.length >= left;
    const rest = left === Infinity ? {} : { left: left - keys.length };
    const next = done ? { since: base } : { base, after: keys.at(-1)!, ...rest };
    return { keys, tellsRemoved: false, since: base, query, link: link(next, done) };
  }
  const { since, upTo = tenant.sequence, told = 0 } = token;
  const changed = changedKeys(tracked.changes, since, upTo);
  const keys = pageOf(tracked, changed, told, size);
  const done = told + keys.length >= changed.length;
  return {
    keys,
    tellsRemoved: true,
    since,
    query,
    link: link(done ? { since: upTo } : { since, upTo, told: told + keys.length }, done),
  };
}

/** Options of the first request of the walk that a request goes on with, or begins. */
export function queryOfWalk({ links }: GraphContext, request: GraphRequest, path: string): Query {
  const sealed = request.query.get('deltatoken') ?? request.query.get('skiptoken');
  return sealed === undefined ? request.query : new Query(links.open<Token>(path, sealed).query);
}

/** Keys from `from` on that make about `size` entries. */
function pageOf({ weight }: Tracked, keys: readonly number[], from: number, size: number): number[] {
  if (weight === undefined) return keys.slice(from, from + size);
  let to = from;
  for (let entries = 0; to < keys.length && entries < size; to++) entries += weight(keys[to]!);
  return keys.slice(from, to);
}

function readToken(
  context: GraphContext,
  generations: LinkGenerations,
  request: GraphRequest,
  tracked: Tracked,
): Token {
  const sealed = request.query.get('deltatoken') ?? request.query.get('skiptoken');
  if (sealed === undefined) {
    const at = request.url.indexOf('?');
    const top = request.query.number('top');
    const query = at === -1 ? '' : request.url.slice(at + 1);
    return { query, generation: 0, made: context.tenant.sequence, ...(top === undefined ? {} : { left: top }) };
  }
  const token = context.links.open<Token>(tracked.path, sealed);
  if (token.made < context.tenant.linksValidFrom(tracked.mailbox))
    throw stateNotFound(token.generation, token.generation + 236);
  generations.check(tracked.path, token.generation, context.tenant.settings.deltaGenerations);
  return token;
}

function stateNotFound(generation: number, highest: number): GraphError {
  const kept = [highest, highest - 1, highest - 2].map((number) => `[${number}]`).join('');
  return new GraphError(
    410,
    'SyncStateNotFound',
    `The sync state generation is not found; generation=${generation};[highest=${highest}]${kept}.`,
  );
}
