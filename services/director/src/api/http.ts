import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Role } from '../access/role.ts';

/** Who calls: the API token that was presented. */
export interface Caller {
  tokenId: string;
  name: string;
  role: Role;
}

/** What is used of a request besides its validated parts. */
export interface ApiRequest extends IncomingMessage {
  /** Address of the peer. */
  ip?: string;
  originalUrl: string;
  params: Record<string, string>;
  query: Record<string, unknown>;
  body?: unknown;
  /** Set by the guard on every route that is not public. */
  caller?: Caller;
  /** Set by the first middleware on every request. */
  traceId?: string;
  /** The first of `types` that `Accept` allows, or false. */
  accepts(types: string[]): string | false;
  /** Whether the body is said to be of `type`; null when there is no body. */
  is(type: string): string | false | null;
}

export type ApiResponse = ServerResponse<ApiRequest>;
