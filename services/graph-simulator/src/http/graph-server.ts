import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { LogEntry } from '../protocol/log.ts';
import type { RequestLog } from '../control/request-log.ts';
import type { AccessTokens } from '../entra/access-tokens.ts';
import type { LoginService } from '../entra/login-service.ts';
import { alteredAnswer, replacingAnswer } from '../faults/fault-answers.ts';
import type { FaultRules, MetFault } from '../faults/fault-rules.ts';
import type { GraphContext } from '../graph/graph-context.ts';
import { BODY_LIMIT, payloadTooLarge, type GraphService } from '../graph/graph-service.ts';
import { driveInPath, graphSegments } from '../drives/graph/drive-paths.ts';
import { mailboxInPath } from '../limits/path-limits.ts';
import type { RetryAfterWatch } from '../limits/retry-after-watch.ts';
import type { ServerIdentity } from './certificates.ts';
import { badRequest, GraphError } from './graph-error.ts';
import { readPreferences } from './graph-request.ts';
import type { OpenAddresses, OpenScope } from './open-addresses.ts';
import { readBody, readPieces } from './read-body.ts';
import type { Reply } from './reply.ts';
import { sendReply, type Sending } from './send-reply.ts';

/** What the server answers with. */
export interface ServerParts {
  context: GraphContext;
  graph: GraphService;
  login: LoginService;
  tokens: AccessTokens;
  /** Uploads and downloads. */
  open: readonly OpenAddresses[];
  watch: RetryAfterWatch;
  faults: FaultRules;
  log: RequestLog;
  /** Called for each Graph request before it is answered; n counts from 1. */
  onGraphRequest(n: number): void;
}

const GRAPH = '/v1.0/';

/** Graph, login, upload and download addresses behind one TLS port. */
export class GraphServer {
  readonly #parts: ServerParts;
  readonly #server: Server;

  constructor(identity: ServerIdentity, parts: ServerParts) {
    this.#parts = parts;
    const options = { key: identity.key, cert: identity.certificate, keepAlive: true, noDelay: true };
    this.#server = createServer(options, (request, response) => void this.#answer(request, response));
    this.#server.keepAliveTimeout = 120_000;
    this.#server.requestTimeout = 0;
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
    const { context, log, faults } = this.#parts;
    const entry = log.add(this.#arrival(request));
    const fault = faults.meet({
      method: entry.method,
      path: entry.path,
      mailbox: entry.mailbox ?? entry.drive,
      pageSize: pageSizeOf(request),
      inBatch: false,
    });
    if (fault !== null) entry.fault = fault.id;
    const now = context.now();
    const sending: Sending = { request, response, entry, fault, now, done: (reply) => this.#done(entry, reply) };
    const authorization = request.headers.authorization;
    try {
      entry.app = await this.#appOf(entry, authorization);
      this.#noteEarly(entry);
      if (entry.path.startsWith(GRAPH)) this.#parts.onGraphRequest(entry.n);
      const reply = await this.#reply(request, entry, fault, authorization);
      await sendReply(sending, reply);
    } catch (error) {
      const hungUp = request.destroyed && !request.complete;
      if (!(error instanceof GraphError) && !hungUp) {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      }
      const known =
        error instanceof GraphError
          ? error
          : new GraphError(500, 'ErrorInternalServerError', 'An internal server error occurred.');
      await sendReply(sending, known).catch(() => response.destroy());
    }
  }

  #arrival(request: IncomingMessage): Omit<LogEntry, 'n'> {
    const path = request.url ?? '/';
    const id = request.headers['client-request-id'];
    const clientRequestId = typeof id === 'string' ? id : null;
    const dot = clientRequestId?.indexOf('.') ?? -1;
    return {
      start: performance.timeOrigin + performance.now(),
      end: null,
      method: request.method ?? 'GET',
      path,
      ...this.#ownerOf(path),
      app: null,
      status: 0,
      requestBytes: Number(request.headers['content-length'] ?? 0),
      bytes: 0,
      sha256: null,
      clientRequestId,
      task: dot > 0 ? clientRequestId!.slice(0, dot) : null,
      early: false,
      retryAfter: null,
      fault: null,
    };
  }

  #ownerOf(url: string): { mailbox: string | null; drive: string | null } {
    const { tenant } = this.#parts.context;
    if (!url.startsWith(GRAPH)) {
      const { mailbox = null, drive = null } = this.#openScope(url) ?? {};
      return { mailbox, drive };
    }
    try {
      const segments = graphSegments(withoutQuery(url).slice(GRAPH.length - 1));
      return { mailbox: mailboxInPath(tenant, segments), drive: driveInPath(tenant, segments) };
    } catch {
      return { mailbox: null, drive: null };
    }
  }

  #openAt(url: string): OpenAddresses | undefined {
    return this.#parts.open.find(({ prefix }) => url.startsWith(prefix));
  }

  #openScope(url: string): OpenScope | undefined {
    const open = this.#openAt(url);
    return open?.scope(withoutQuery(url).slice(open.prefix.length), queryOf(url));
  }

  /** Client id, for the log; what is wrong with a token is said later. */
  async #appOf(entry: LogEntry, authorization: string | undefined): Promise<string | null> {
    if (!entry.path.startsWith(GRAPH)) return this.#openScope(entry.path)?.app ?? null;
    if (authorization === undefined) return null;
    return this.#parts.tokens.check(authorization, this.#parts.context.now()).then(
      ({ clientId }) => clientId,
      () => null,
    );
  }

  #noteEarly(entry: LogEntry): void {
    const { watch, context } = this.#parts;
    entry.early = watch.isEarly(scopeOf(entry), context.tenant.settings.earlyGraceMs, entry.start);
  }

  async #reply(
    request: IncomingMessage,
    entry: LogEntry,
    fault: MetFault | null,
    authorization: string | undefined,
  ): Promise<Reply | GraphError> {
    if (fault?.effect.kind === 'delay')
      await new Promise((resolve) => setTimeout(resolve, (fault.effect as { ms: number }).ms));
    if (fault?.effect.kind === 'expire-token') this.#parts.tokens.kill(authorization);
    const { context } = this.#parts;
    const url = `${context.links.root}${entry.path}`;
    const replacing =
      fault === null ? null : replacingAnswer(fault.effect, { url, ofDrive: entry.drive !== null, now: context.now() });
    if (replacing !== null) return replacing;
    const reply = await this.#trueReply(request, entry, authorization);
    return fault === null ? reply : alteredAnswer(reply, fault.effect, url, fault.times);
  }

  async #trueReply(request: IncomingMessage, entry: LogEntry, authorization: string | undefined): Promise<Reply> {
    const { context, graph, login, tokens } = this.#parts;
    const { method, path: url } = entry;
    if (url.startsWith(GRAPH)) {
      const app = await tokens.check(authorization, context.now());
      return graph.answer({
        method,
        url: url.slice(GRAPH.length - 1),
        headers: request.headers,
        app,
        bodySize: entry.requestBytes,
        body: () => readBody(request, BODY_LIMIT, payloadTooLarge),
        pieces: (limit) => readPieces(request, limit, payloadTooLarge),
      });
    }
    const open = this.#openAt(url);
    if (open !== undefined) {
      return open.answer({
        id: withoutQuery(url).slice(open.prefix.length),
        method,
        query: queryOf(url),
        headers: request.headers,
        bodySize: entry.requestBytes,
        body: (limit) => readBody(request, limit, payloadTooLarge),
        pieces: (limit) => readPieces(request, limit, payloadTooLarge),
      });
    }
    const answer = await login.answer(
      method,
      withoutQuery(url),
      () => readBody(request, BODY_LIMIT, payloadTooLarge),
      context.now(),
    );
    if (answer !== null) return answer;
    throw badRequest(`Resource not found for the segment '${withoutQuery(url).split('/')[1] ?? ''}'.`);
  }

  /** The answer is out: whoever was told to wait is watched from now on. */
  #done(entry: LogEntry, reply: Reply | GraphError): void {
    entry.end = performance.timeOrigin + performance.now();
    const retryAfter = reply.headers?.['Retry-After'];
    if (retryAfter !== undefined) {
      entry.retryAfter = secondsOf(retryAfter, this.#parts.context.now());
      this.#parts.watch.told(scopeOf(entry), entry.retryAfter, entry.end);
    }
    if (!(reply instanceof GraphError)) reply.onSent?.();
  }
}

/** Outlook tells an application to wait on one mailbox, SharePoint on all drives. */
function scopeOf({ app, mailbox, drive }: LogEntry): string {
  return `${app} ${drive === null ? mailbox : 'sharepoint'}`;
}

function queryOf(url: string): URLSearchParams {
  return new URLSearchParams(url.slice(withoutQuery(url).length));
}

/** A `Retry-After` as seconds, also where it is a date. */
function secondsOf(retryAfter: string, now: Date): number {
  const seconds = Number(retryAfter);
  return Number.isNaN(seconds) ? Math.max(0, Math.round((Date.parse(retryAfter) - now.getTime()) / 1000)) : seconds;
}

/** What a request asks for by `$top` or its preferences. */
function pageSizeOf({ url = '/', headers }: IncomingMessage): number | null {
  const top = /[?&](?:\$|%24)?top=(\d{1,9})/i.exec(url)?.[1];
  return top === undefined ? readPreferences(headers.prefer).maxPageSize : Number(top);
}

function withoutQuery(url: string): string {
  const at = url.indexOf('?');
  return at === -1 ? url : url.slice(0, at);
}
