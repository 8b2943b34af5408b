import { timingSafeEqual, createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { GraphError } from '../http/graph-error.ts';
import { readBody } from '../http/read-body.ts';
import { LongAnswer } from './long-answer.ts';

/** A method and path of the control port; `{…}` is handed to the handler decoded. What it returns is answered as JSON, errors that it throws with 400. */
export interface ControlRoute {
  method: string;
  path: string;
  handle(call: ControlCall): unknown;
}

export interface ControlCall {
  parameter: string;
  query: URLSearchParams;
  /** The JSON body; null without one. */
  body: unknown;
}

const BODY_LIMIT = 256 * 1024 * 1024;

/** The control port: plain HTTP on 127.0.0.1, with a bearer token. */
export class ControlServer {
  readonly #routes: readonly ControlRoute[];
  readonly #token: string;
  readonly #server: Server;

  constructor(token: string, routes: readonly ControlRoute[]) {
    this.#token = token;
    this.#routes = routes;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Returns the port. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const result = await this.#call(request);
      if (result === undefined) response.writeHead(204).end();
      else if (result instanceof LongAnswer) await sendPieces(response, result);
      else response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(result));
    } catch (error) {
      if (response.headersSent) return;
      const status = error instanceof Refusal ? error.status : 400;
      const message = error instanceof Error ? error.message : String(error);
      const code = error instanceof GraphError ? { code: error.code } : {};
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify({ message, ...code }));
    }
  }

  async #call(request: IncomingMessage): Promise<unknown> {
    if (!this.#isAuthorized(request.headers.authorization))
      throw new Refusal(401, 'the control port needs its bearer token');
    const url = new URL(request.url ?? '/', 'http://control');
    for (const route of this.#routes) {
      if (route.method !== request.method) continue;
      const parameter = matchPath(route.path, url.pathname);
      if (parameter === null) continue;
      const bytes = await readBody(request, BODY_LIMIT, () => new Refusal(413, 'the body is too large'));
      const body: unknown = bytes.length === 0 ? null : JSON.parse(bytes.toString('utf8'));
      return route.handle({ parameter, query: url.searchParams, body });
    }
    throw new Refusal(404, `the control port has no ${request.method} ${url.pathname}`);
  }

  #isAuthorized(header: string | undefined): boolean {
    return timingSafeEqual(sha256(header ?? ''), sha256(`Bearer ${this.#token}`));
  }
}

class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Ends without the last piece, so that the client sees it, when a piece cannot be made; and when the client is gone. */
function sendPieces(response: ServerResponse, answer: LongAnswer): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  return pipeline(answer.pieces(), response);
}

/** What stands in the place of the braces, `''` when there are none; null when the paths differ. */
function matchPath(pattern: string, path: string): string | null {
  const brace = pattern.indexOf('{');
  if (brace === -1) return pattern === path ? '' : null;
  const rest = path.slice(brace);
  return path.startsWith(pattern.slice(0, brace)) && rest !== '' && !rest.includes('/')
    ? decodeURIComponent(rest)
    : null;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
