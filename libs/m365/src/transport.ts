import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';
import { Failure } from '@backhaul/domain';
import { Agent, type Dispatcher } from 'undici';
import { cancelled, transportFailure } from './transport-failure.ts';

/** One HTTP exchange over TLS; what the answer means is decided elsewhere. Redirects are never followed. */
export interface Transport {
  /**
   * Sends one request and reads the whole answer.
   * @throws Failure `unreachable` when nothing was sent; `unavailable`, `timed-out` when it may have been; the signal's
   * own `Failure` when it was aborted; whatever `beforeSend` throws.
   */
  send(request: WireRequest): Promise<WireReply>;
  /** Ends all connections; requests still under way fail. */
  close(): Promise<void>;
}

export interface WireRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  url: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
  signal: AbortSignal;
  /** Called at the instant before the first byte is written; when it throws, nothing is sent. */
  beforeSend?: () => void;
}

export interface WireReply {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Decompressed. */
  body: Buffer;
  /** Bytes of the body as they came over the wire. */
  receivedBytes: number;
}

export interface TransportOptions {
  /** PEM certificates of authorities to trust besides those of the system. */
  caCertificates?: readonly string[];
  /** Until the connection stands. Default 10 s. */
  connectTimeoutMs?: number;
  /** From the request to the head of the answer. Default 60 s. */
  headersTimeoutMs?: number;
  /** Between two pieces of the body. Default 60 s. */
  bodyTimeoutMs?: number;
  /** A longer body is not read to its end. Default 256 MiB (Exchange takes messages of up to 150 MB). */
  maxBodyBytes?: number;
}

/**
 * A transport with connections that are kept and shared. It speaks HTTP/1.1: a mailbox takes four requests at once, and
 * one reset then costs one request instead of all of them.
 */
export function createTransport(options: TransportOptions = {}): Transport {
  const limits = {
    headersTimeout: options.headersTimeoutMs ?? 60_000,
    bodyTimeout: options.bodyTimeoutMs ?? 60_000,
    maxBodyBytes: options.maxBodyBytes ?? 256 * 1024 * 1024,
  };
  const agent = new Agent({
    allowH2: false,
    keepAliveTimeout: 20_000,
    connect: {
      timeout: options.connectTimeoutMs ?? 10_000,
      ...(options.caCertificates && { secureContext: trusting(options.caCertificates) }),
    },
  });
  return {
    send: async (request) => decoded(request.url, await exchange(agent, request, limits), limits.maxBodyBytes),
    close: () => agent.destroy(),
  };
}

/** Made once: parsing all the system's authorities for each connection would cost more than the connection. */
function trusting(caCertificates: readonly string[]): SecureContext {
  return createSecureContext({ ca: [...getCACertificates('default'), ...caCertificates] });
}

interface ExchangeLimits {
  headersTimeout: number;
  bodyTimeout: number;
  maxBodyBytes: number;
}

type RawReply = Omit<WireReply, 'receivedBytes'>;

/** undici's lowest interface: it alone tells when a request is about to be written, and it costs the least. */
function exchange(agent: Agent, request: WireRequest, limits: ExchangeLimits): Promise<RawReply> {
  const { signal, url } = request;
  if (signal.aborted) return Promise.reject(cancelled(signal));
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let head: { status: number; headers: WireReply['headers'] } | undefined;
    const chunks: Buffer[] = [];
    let size = 0;

    const settle = (outcome: () => void) => {
      signal.removeEventListener('abort', onAbort);
      outcome();
    };
    const giveUp = (reason: Error) => {
      settle(() => reject(reason));
      controller?.abort(reason);
    };
    const onAbort = () => giveUp(cancelled(signal));
    signal.addEventListener('abort', onAbort, { once: true });

    agent.dispatch(
      {
        ...destination(url),
        method: request.method,
        headers: request.headers,
        body: request.body ?? null,
        headersTimeout: limits.headersTimeout,
        bodyTimeout: limits.bodyTimeout,
      },
      {
        onRequestStart(started) {
          controller = started;
          if (signal.aborted) return started.abort(cancelled(signal));
          try {
            request.beforeSend?.();
          } catch (error) {
            giveUp(error as Error);
          }
        },
        onResponseStart(_controller, status, headers) {
          head = { status, headers };
        },
        onResponseData(_controller, chunk) {
          size += chunk.length;
          if (size > limits.maxBodyBytes) return giveUp(tooLarge(url, limits.maxBodyBytes));
          chunks.push(chunk);
        },
        onResponseEnd() {
          // Copied together: a small body would otherwise keep the whole block that was read from the socket.
          const reply = head;
          if (reply !== undefined) settle(() => resolve({ ...reply, body: Buffer.concat(chunks, size) }));
        },
        onResponseError(_controller, error) {
          settle(() => reject(transportFailure(error, url)));
        },
      },
    );
  });
}

/** Origin and path exactly as the address spells them (links of Graph are opaque), unless HTTP forbids the spelling. */
function destination(url: string): { origin: string; path: string } {
  const { origin, pathname, search } = new URL(url);
  const path = url.startsWith(`${origin}/`) ? url.slice(origin.length) : '';
  return { origin, path: SENDABLE_PATH.test(path) ? path : pathname + search };
}

const SENDABLE_PATH = /^\/[\x21\x22\x24-\x7e]*$/;

/** Below this size inflating at once costs less than handing the work to another thread. */
const INFLATE_AT_ONCE_BYTES = 64 * 1024;
const inflate = promisify(gunzip);

async function decoded(url: string, reply: RawReply, maxBodyBytes: number): Promise<WireReply> {
  const receivedBytes = reply.body.length;
  const encoding = reply.headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity' || receivedBytes === 0) return { ...reply, receivedBytes };
  try {
    if (encoding !== 'gzip') throw new Error(`The encoding ${String(encoding)} was not asked for.`);
    const limits = { maxOutputLength: maxBodyBytes };
    const atOnce = receivedBytes <= INFLATE_AT_ONCE_BYTES;
    const body = atOnce ? gunzipSync(reply.body, limits) : await inflate(reply.body, limits);
    return { ...reply, body, receivedBytes };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(url, maxBodyBytes);
    throw new Failure('unavailable', {
      code: 'graph.truncated',
      message: 'The answer could not be decompressed.',
      retry: 'now',
      where: { url: withoutQuery(url) },
      cause: error,
    });
  }
}

function tooLarge(url: string, maxBodyBytes: number): Failure {
  return new Failure('unreadable', {
    code: 'graph.too-large',
    message: `The answer is larger than ${maxBodyBytes} bytes.`,
    retry: 'never',
    where: { url: withoutQuery(url) },
  });
}

function withoutQuery(url: string): string {
  return url.split('?', 1)[0] ?? url;
}
