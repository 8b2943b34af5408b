import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';
import { Failure } from '@backhaul/domain';
import { Agent, type Dispatcher } from 'undici';
import { BodyStream, type BodyControl } from './body-stream.ts';
import { cancelled, transportFailure } from './transport-failure.ts';

/** One HTTP exchange over TLS; what the answer means is decided elsewhere. Redirects are never followed. */
export interface Transport {
  /**
   * Sends one request and reads the whole answer.
   * @throws Failure `unreachable` when nothing was sent; `unavailable`, `timed-out` when it may have been; the signal's
   * own `Failure` when it was aborted; whatever `beforeSend` throws.
   */
  send(request: WireRequest): Promise<WireReply>;
  /**
   * Sends one request and gives the head of the answer, and its body as it arrives. The body throws the same failures; it
   * must be read to its end, or its iterator ended.
   * @throws as {@link Transport.send}
   */
  stream(request: WireRequest): Promise<StreamedReply>;
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

export interface StreamedReply extends Pick<WireReply, 'status' | 'headers'> {
  /** As it came over the wire: ask for no encoding. */
  body: AsyncIterable<Uint8Array>;
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
    stream: (request) => openStream(agent, request, limits),
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

/** A whole answer in memory. */
function exchange(agent: Agent, request: WireRequest, limits: ExchangeLimits): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    let head: ReplyHead | undefined;
    const chunks: Buffer[] = [];
    let size = 0;
    perform(agent, request, limits, {
      head: (arrived) => (head = arrived),
      piece(chunk) {
        size += chunk.length;
        if (size > limits.maxBodyBytes) head?.control.abort(tooLarge(request.url, limits.maxBodyBytes));
        else chunks.push(chunk);
      },
      end() {
        // Copied together: a small body would otherwise keep the whole block that was read from the socket.
        if (head !== undefined) {
          const { status, headers } = head;
          resolve({ status, headers, body: Buffer.concat(chunks, size) });
        }
      },
      failed: reject,
    });
  });
}

/** The head of an answer, its body to follow. */
function openStream(agent: Agent, request: WireRequest, limits: ExchangeLimits): Promise<StreamedReply> {
  return new Promise((resolve, reject) => {
    let body: BodyStream | undefined;
    perform(agent, request, limits, {
      head({ status, headers, control }) {
        body = new BodyStream(control);
        resolve({ status, headers, body });
      },
      piece: (chunk) => body?.push(chunk),
      end: () => body?.end(null),
      failed: (error) => (body === undefined ? reject(error) : body.end(error)),
    });
  });
}

interface ReplyHead extends Pick<WireReply, 'status' | 'headers'> {
  control: BodyControl;
}

/** What is told of one exchange: head, pieces, end; or, at any point, that it failed, and nothing after that. */
interface Receiver {
  head(head: ReplyHead): void;
  piece(chunk: Buffer): void;
  end(): void;
  failed(error: Error): void;
}

/** undici's lowest interface: it alone tells when a request is about to be written, and it costs the least. */
function perform(agent: Agent, request: WireRequest, limits: ExchangeLimits, receiver: Receiver): void {
  const { signal, url } = request;
  if (signal.aborted) return receiver.failed(cancelled(signal));
  let controller: Dispatcher.DispatchController | undefined;
  let isOver = false;

  const finish = (tell: () => void) => {
    if (isOver) return;
    isOver = true;
    signal.removeEventListener('abort', onAbort);
    tell();
  };
  const giveUp = (reason: Error) => {
    finish(() => receiver.failed(reason));
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
      onResponseStart(started, status, headers) {
        const control = { pause: () => started.pause(), resume: () => started.resume(), abort: giveUp };
        if (!isOver) receiver.head({ status, headers, control });
      },
      onResponseData(_controller, chunk) {
        if (!isOver) receiver.piece(chunk);
      },
      onResponseEnd: () => finish(() => receiver.end()),
      onResponseError: (_controller, error) => finish(() => receiver.failed(transportFailure(error, url))),
    },
  );
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
