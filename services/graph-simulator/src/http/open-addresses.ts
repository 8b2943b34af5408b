import type { Reply } from './reply.ts';

/** A request to an open address. */
export interface OpenRequest {
  /** What follows the prefix in the path, without the query. */
  id: string;
  method: string;
  query: URLSearchParams;
  headers: Record<string, string | string[] | undefined>;
  /** What its body has, as announced. */
  bodySize: number;
  /** Reads the whole body. @throws GraphError 413 when it is larger than `limit` bytes */
  body(limit: number): Promise<Buffer>;
  /** Reads the body piece by piece. @throws GraphError 413 when it is larger than `limit` bytes */
  pieces(limit: number): AsyncIterable<Buffer>;
}

/** Whom a request counts for: application (client id), and mailbox or drive (user id), where there are such. */
export interface OpenScope {
  app: string | null;
  mailbox: string | null;
  drive: string | null;
}

/** Addresses outside of Graph's own paths that say by themselves what may be done: uploads and downloads. */
export interface OpenAddresses {
  /** Beginning of their paths, e.g. `/upload/outlook/`. */
  prefix: string;
  scope(id: string, query: URLSearchParams): OpenScope;
  /** @throws GraphError for everything that is not a success, limits included */
  answer(request: OpenRequest): Promise<Reply>;
}
