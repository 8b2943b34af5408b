import { systemClock, type Clock } from '@backhaul/domain';
import { Client, ResponseType, type GraphRequest as ClientRequest } from '@microsoft/microsoft-graph-client';
import { batch, type BatchOutcome, type BatchPart } from './batch.ts';
import { budgetPauseMs, DRIVE_REQUESTS_AT_ONCE, DRIVE_SCOPE } from './drive-scope.ts';
import { checkLink } from './links.ts';
import type { DownloadRequest, GraphRequest, LinkRequest, PageRequest } from './graph-request.ts';
import { pages, type Page } from './paging.ts';
import { authenticate, type TokenSupplier } from './pipeline/authenticate.ts';
import { APPLICATION_SCOPE, CALL_OPTION, type Answer, type Call } from './pipeline/call.ts';
import { exchange } from './pipeline/exchange.ts';
import { openGate, type Gate } from './pipeline/gate.ts';
import { holdBack } from './pipeline/hold-back.ts';
import type { RetryPolicy } from './pipeline/next-step.ts';
import { overlapMeter } from './pipeline/overlap-meter.ts';
import { persist, rest } from './pipeline/persist.ts';
import { createTransport, type Transport, type WireReply } from './transport.ts';

/** Microsoft asks undecorated traffic to wait first, so we say who we are in the form it documents. */
const USER_AGENT = 'NONISV|Backhaul|Backhaul/0.1.0';

/** Microsoft's limit of requests at once for one application and mailbox. */
export const REQUESTS_AT_ONCE = 4;

export interface GraphOptions {
  /** Graph without version, e.g. `https://graph.microsoft.com`; checked before (see `checkEndpoints`). */
  root: string;
  /** Hosts that upload addresses may point to besides Graph's own; the token is never sent to them. */
  linkHosts: readonly string[];
  token: TokenSupplier;
  /** Default: the host's clock. */
  clock?: Clock;
  /** Ends everything that is under way or waiting. */
  signal: AbortSignal;
  /** Stands at the head of each request's `client-request-id`, so that Microsoft's log can be grouped by task. */
  taskTag: string;
  /** Called at the instant before each request is written; throws (`lease-lost`) when nothing must be sent any more. */
  checkLease?: () => void;
  /** A shared transport; it stays open. Default: one of its own, that `close` ends. */
  transport?: Transport;
  /** Only without `transport`: PEM certificates of authorities to trust besides those of the system. */
  caCertificates?: readonly string[];
  /** A call that would have to wait longer than this for Microsoft in all fails with `throttled`. Default 30 s. */
  maxWaitMs?: number;
  /** Attempts at a call with transient failures. Default 5. */
  maxTries?: number;
  /** The pause between attempts grows from this. Default 1 s. */
  firstPauseMs?: number;
  /** Requests at once for each scope. Default 4. */
  concurrency?: number;
  /** Requests at once for drives, where their gate is this Graph's own. Default 8. */
  driveConcurrency?: number;
  /** The gate of all requests for drives (see `openDriveGate`), shared. Default: one of this Graph's own. */
  driveGate?: Gate;
}

/** What was done so far; only grows. */
export interface GraphCounters {
  /** Requests sent, repetitions included. */
  requests: number;
  repetitions: number;
  /** Bytes of bodies as they came over the wire, those of downloads included. */
  bytesReceived: number;
  /** Milliseconds during which requests were held back because Microsoft asked for it. */
  throttledMs: number;
}

/**
 * Microsoft Graph v1.0 with our rules in the pipeline of the official client. All methods throw `Failure`s; what can be
 * repeated has been repeated. A lost answer to something that must not be repeated is `unavailable` (`graph.answer-lost`).
 */
export interface Graph {
  readonly root: string;
  readonly counters: Readonly<GraphCounters>;
  /** One entity. */
  json<T>(request: GraphRequest): Promise<T>;
  /** The bytes of a `$value`. */
  bytes(request: GraphRequest): Promise<Uint8Array>;
  /** Something whose answer does not matter. */
  send(request: GraphRequest): Promise<void>;
  /** A collection, page by page; endless ones are recognised. */
  pages<T>(request: PageRequest): AsyncGenerator<Page<T>>;
  /** Many small requests as few; the results stand in the order of `parts`, one that failed does not disturb the others. */
  batch(parts: readonly BatchPart[], options?: { scope?: string; signal?: AbortSignal }): Promise<BatchOutcome[]>;
  /** A request to a pre-authenticated address out of an answer: without our token, and only to allowed hosts. */
  toLink(request: LinkRequest): Promise<Answer>;
  /**
   * A download from a pre-authenticated address out of an answer, without our token: status, headers, and the body as it
   * arrives. The body must be read to its end, or its iterator ended.
   */
  download(request: DownloadRequest): Promise<Download>;
  /** Where a request is redirected to; nothing is sent there. */
  location(request: GraphRequest): Promise<string>;
  close(): Promise<void>;
}

/** A body on its way. */
export interface Download extends Pick<Answer, 'status' | 'headers'> {
  bytes: AsyncIterable<Uint8Array>;
}

/** Opens Graph for one piece of work. Nothing is sent yet. */
export function openGraph(options: GraphOptions): Graph {
  const clock = options.clock ?? systemClock();
  const { origin, host } = new URL(options.root);
  const transport = options.transport ?? createTransport({ caCertificates: options.caCertificates ?? [] });
  const counters: GraphCounters = { requests: 0, repetitions: 0, bytesReceived: 0, throttledMs: 0 };
  const gateOf = gates(options, clock, counters);
  const { driveGate } = options;
  const heldBack = overlapMeter(clock, (ms) => (counters.throttledMs += ms));
  let sequence = 0;

  const policy: RetryPolicy = {
    maxTries: options.maxTries ?? 5,
    firstPauseMs: options.firstPauseMs ?? 1_000,
    longestPauseMs: 30_000,
  };
  const client = Client.initWithMiddleware({
    baseUrl: origin,
    defaultVersion: 'v1.0',
    middleware: [
      persist({
        clock,
        policy,
        random: Math.random,
        onRepeat: () => (counters.repetitions += 1),
      }),
      authenticate(options.token, origin),
      holdBack(gateOf),
      exchange({
        transport,
        clock,
        userAgent: USER_AGENT,
        requestId: () => `${options.taskTag}.${(sequence += 1)}`,
        beforeSend: (call) => {
          options.checkLease?.();
          gateOf(call.scope).assertOpen();
          counters.requests += 1;
        },
        onReply: (reply, call) => {
          counters.bytesReceived += reply.receivedBytes;
          if (call.scope === DRIVE_SCOPE) keepWithinBudget(reply);
        },
      }),
    ],
  });

  function keepWithinBudget(reply: WireReply): void {
    const ms = budgetPauseMs(reply.headers, permitsOf(DRIVE_SCOPE, options));
    if (ms > 0) gateOf(DRIVE_SCOPE).pause(ms);
  }

  async function* counted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of body) {
      counters.bytesReceived += piece.length;
      yield piece;
    }
  }

  function linked(request: LinkRequest | DownloadRequest, expects: Call['expects']): Promise<Answer> {
    const link = checkLink(request.link, [host, ...options.linkHosts]);
    const sent = { method: 'GET' as const, expects: 'nothing' as const, ...request };
    const call = callOf(sent, { link, anonymous: true, expects });
    return conclude(client.api('/').headers({ ...request.headers }), sent, call);
  }

  function callOf(request: GraphRequest | LinkRequest, more: Pick<Call, 'link' | 'anonymous' | 'expects'>): Call {
    return {
      ...more,
      scope: request.scope ?? APPLICATION_SCOPE,
      repeatable: ('repeatable' in request ? request.repeatable : undefined) ?? request.method !== 'POST',
      isWebPage: ('isWebPage' in request ? request.isWebPage : undefined) ?? false,
      signal: bothSignals(options.signal, request.signal),
      waitedMs: 0,
      ...(driveGate !== undefined && { heldBack }),
    };
  }

  function perform(request: GraphRequest, expects: Call['expects'], link: string | null = null): Promise<Answer> {
    const headers = { ...request.headers, ...(request.prefer && { Prefer: request.prefer.join(', ') }) };
    const call = callOf(request, { link, anonymous: false, expects });
    return conclude(client.api(link ?? request.path).headers(headers), request, call);
  }

  const graph: Graph = {
    root: origin,
    counters,
    json: async <T>(request: GraphRequest) => (await perform(request, 'json')).json as T,
    bytes: async (request) => (await perform(request, 'bytes')).body,
    send: async (request) => void (await perform(request, 'nothing')),
    pages: (request) =>
      pages(request, { host, fetchPage: async (one, link) => (await perform(one, 'json', link)).json }),
    batch: (parts, scope = {}) =>
      batch(parts, {
        send: async (body) =>
          (await perform({ method: 'POST', path: '/$batch', body, repeatable: true, ...scope }, 'json')).json,
        pause: (ms) => gateOf(scope.scope ?? APPLICATION_SCOPE).pause(ms),
        rest: (ms) => rest(clock, ms, bothSignals(options.signal, scope.signal)),
        policy,
        random: Math.random,
        now: () => clock.now(),
      }),
    toLink: async (request) => linked(request, request.expects),
    async download(request) {
      const { status, headers, stream } = await linked(request, 'stream');
      if (stream === undefined) throw new Error('The pipeline gave no stream.');
      return { status, headers, bytes: counted(stream) };
    },
    async location(request) {
      const { headers } = await perform(request, 'location');
      return checkLink(headers['location'], [host, ...options.linkHosts]);
    },
    close: async () => {
      if (options.transport === undefined) await transport.close();
    },
  };
  return graph;
}

/** Sends it through the client and gives what the pipeline wrote into the call. */
async function conclude(prepared: ClientRequest, request: GraphRequest | LinkRequest, call: Call): Promise<Answer> {
  prepared.responseType(ResponseType.RAW).option(CALL_OPTION, call);
  await dispatch(prepared, request);
  const { outcome } = call;
  if (outcome === undefined) throw new Error('The pipeline ended without an outcome.');
  if ('mistake' in outcome) throw outcome.mistake;
  if ('error' in outcome) throw outcome.error.failure;
  return outcome.answer;
}

function dispatch(prepared: ClientRequest, request: GraphRequest | LinkRequest): Promise<unknown> {
  switch (request.method ?? 'GET') {
    case 'GET':
      return prepared.get();
    case 'POST':
      return prepared.post(request.body);
    case 'PATCH':
      return prepared.patch(request.body);
    case 'PUT':
      return prepared.put(request.body);
    case 'DELETE':
      return prepared.delete();
  }
}

/** A pause of Microsoft's that a call waits for; it gives up when it would have to wait longer in all. */
const MAX_WAIT_MS = 30_000;

/** One gate for each scope, made when it is first needed. */
function gates(options: GraphOptions, clock: Clock, counters: GraphCounters): (scope: string) => Gate {
  const opened = new Map<string, Gate>();
  if (options.driveGate !== undefined) opened.set(DRIVE_SCOPE, options.driveGate);
  return (scope) => {
    let gate = opened.get(scope);
    if (gate === undefined) {
      gate = openGate({
        clock,
        permits: permitsOf(scope, options),
        maxWaitMs: options.maxWaitMs ?? MAX_WAIT_MS,
        onHeldBack: (ms) => (counters.throttledMs += ms),
      });
      opened.set(scope, gate);
    }
    return gate;
  };
}

function permitsOf(scope: string, { concurrency, driveConcurrency }: GraphOptions): number {
  return scope === DRIVE_SCOPE ? (driveConcurrency ?? DRIVE_REQUESTS_AT_ONCE) : (concurrency ?? REQUESTS_AT_ONCE);
}

/**
 * The gate of one tenant's drives for all work of a process: Microsoft limits them for application and tenant, so when one
 * task is told to pause, all have to. Keep it, and open every Graph of the tenant with it.
 */
export function openDriveGate(clock: Clock = systemClock()): Gate {
  return openGate({ clock, permits: DRIVE_REQUESTS_AT_ONCE, maxWaitMs: MAX_WAIT_MS });
}

/** Most callers hand on the signal they opened the Graph with; joining two costs at each request. */
function bothSignals(whole: AbortSignal, one: AbortSignal | undefined): AbortSignal {
  return one === undefined || one === whole ? whole : AbortSignal.any([whole, one]);
}
