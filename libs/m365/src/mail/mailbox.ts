import { Failure, isFailure } from '@backhaul/domain';
import type { BatchOutcome } from '../batch.ts';
import type { GraphRequest, PageRequest } from '../graph-request.ts';
import type { Graph } from '../graph.ts';
import type { Page } from '../paging.ts';

/** Ids that survive moves within the mailbox; asked for with each request, since the header rules and not the token. */
const IMMUTABLE_IDS = 'IdType="ImmutableId"';

/**
 * Graph narrowed to one mailbox: paths begin below the user, requests count against the mailbox, ids are immutable. A
 * mailbox that is gone is `forbidden` (`graph.mailbox-missing`) and not `not-found`, so that nobody takes it for a single
 * item that was deleted.
 */
export interface Mailbox {
  json<T>(request: GraphRequest): Promise<T>;
  bytes(request: GraphRequest): Promise<Uint8Array>;
  send(request: GraphRequest): Promise<void>;
  pages<T>(request: PageRequest): AsyncGenerator<Page<T>>;
  batch(paths: readonly string[], signal: AbortSignal): Promise<BatchOutcome[]>;
}

/**
 * @param permission the least permission that what is asked of it needs; named where Microsoft refuses access and does not
 * name it
 */
export function openMailbox(graph: Graph, userId: string, permission?: string): Mailbox {
  const base = `/users/${encodeURIComponent(userId)}`;
  const narrowed = <R extends GraphRequest>(request: R): R => ({
    ...request,
    path: base + request.path,
    prefer: [IMMUTABLE_IDS, ...(request.prefer ?? [])],
    scope: userId,
  });
  const failed = (error: unknown): unknown => nameDenied(nameMissing(error), permission);
  const asMailbox = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw failed(error);
    }
  };
  return {
    json: (request) => asMailbox(graph.json(narrowed(request))),
    bytes: (request) => asMailbox(graph.bytes(narrowed(request))),
    send: (request) => asMailbox(graph.send(narrowed(request))),
    async *pages<T>(request: PageRequest) {
      try {
        yield* graph.pages<T>(narrowed(request));
      } catch (error) {
        throw failed(error);
      }
    },
    async batch(paths, signal) {
      const headers = { Prefer: IMMUTABLE_IDS };
      const parts = paths.map((path) => ({ path: base + path, headers }));
      const outcomes = await asMailbox(graph.batch(parts, { scope: userId, signal }));
      return outcomes.map((part) => (part.ok ? part : { ok: false, failure: failed(part.failure) as Failure }));
    },
  };
}

function nameMissing(error: unknown): unknown {
  if (!isFailure(error) || error.code !== 'graph.object-not-found') return error;
  return new Failure('forbidden', {
    code: 'graph.mailbox-missing',
    message: error.message,
    retry: 'never',
    hint: 'The user is gone or has no mailbox any more; check the user and the licence, or take it out of the job.',
    where: { ...error.where },
    cause: error,
  });
}

/** Exchange does not say which permission it misses, and says the same when a policy keeps the application out. */
function nameDenied(error: unknown, permission: string | undefined): unknown {
  if (permission === undefined || !isFailure(error, 'permission-missing', 'forbidden')) return error;
  const { kind, code, message, retry, where } = error;
  if (!['graph.permission-missing', 'graph.mailbox-denied'].includes(code) || where['permission']) return error;
  const policy =
    code === 'graph.mailbox-denied' ? ', or look for an application access policy that leaves this mailbox out' : '';
  const hint = `Grant the application ${permission} in Entra and give admin consent${policy}.`;
  return new Failure(kind, { code, message, retry, hint, where: { ...where, permission }, cause: error });
}

/** A path segment. */
export function segment(id: string): string {
  return encodeURIComponent(id);
}

/** A string within an OData expression, percent-encoded for a query. */
export function quoted(text: string): string {
  return encodeURIComponent(`'${text.replaceAll("'", "''")}'`);
}
