import { Failure, isFailure, type Clock } from '@backhaul/domain';
import type { Context, Middleware } from '@microsoft/microsoft-graph-client';
import { classify, type Classified } from '../classify.ts';
import { readGraphError } from '../graph-error.ts';
import { retryAfterMs } from '../retry-after.ts';
import { parseTolerantly } from '../tolerant-json.ts';
import type { Transport, WireReply, WireRequest } from '../transport.ts';
import { addressOf, step, type Call, type Outcome } from './call.ts';

export interface ExchangeOptions {
  transport: Transport;
  clock: Clock;
  userAgent: string;
  /** A new id for each attempt; Microsoft echoes it and knows it in support cases. */
  requestId: () => string;
  /** The last look before the first byte is written: throws when the request must not go out any more. */
  beforeSend: (call: Call) => void;
  onReply: (reply: WireReply, call: Call) => void;
}

/** The innermost step: one exchange over the wire, and what its answer means. */
export function exchange(options: ExchangeOptions): Middleware {
  return step(async (call, context) => {
    const { request, url } = addressOf(call, context);
    const body = context.options?.body as WireRequest['body'] | null;
    let reply: ReceivedReply;
    try {
      reply = await receive(options.transport, call, {
        method: (context.options?.method ?? 'GET') as WireRequest['method'],
        url,
        headers: headersOf(context, options),
        ...(body === undefined || body === null ? {} : { body }),
        signal: call.signal,
        beforeSend: () => options.beforeSend(call),
      });
    } catch (error) {
      if (!isFailure(error)) throw error;
      call.outcome = { error: withoutReply(error) };
      return;
    }
    options.onReply(reply, call);
    call.outcome = outcomeOf(reply, call, request, options.clock.now());
  });
}

/** A body that is wanted as a stream is not read here; that of an error is. */
interface ReceivedReply extends WireReply {
  stream?: AsyncIterable<Uint8Array>;
}

async function receive(transport: Transport, call: Call, request: WireRequest): Promise<ReceivedReply> {
  if (call.expects !== 'stream') return transport.send(request);
  const { status, headers, body: stream } = await transport.stream(request);
  if (status >= 200 && status <= 299) return { status, headers, body: Buffer.alloc(0), receivedBytes: 0, stream };
  const body = await beginningOf(stream);
  return { status, headers, body, receivedBytes: body.length };
}

/** What errors say is short; more than this is of no use. */
const LONGEST_ERROR_BYTES = 64 * 1024;

async function beginningOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of stream) {
    pieces.push(piece);
    size += piece.length;
    if (size >= LONGEST_ERROR_BYTES) break;
  }
  return Buffer.concat(pieces);
}

function headersOf(context: Context, options: ExchangeOptions): Record<string, string> {
  return {
    Accept: 'application/json',
    'Accept-Encoding': 'gzip',
    ...(context.options?.headers as Record<string, string>),
    'User-Agent': options.userAgent,
    'client-request-id': options.requestId(),
  };
}

/** No answer came: what broke on the way may be repeated; a closed gate, a lost lease or a stop may not (or not so). */
function withoutReply(failure: Failure): Classified {
  if (failure.kind === 'throttled') return { failure, remedy: 'pause' };
  const transient = isFailure(failure, 'unreachable', 'unavailable', 'timed-out') && failure.retry !== 'never';
  return { failure, remedy: transient ? 'repeat' : 'none' };
}

function outcomeOf(reply: ReceivedReply, call: Call, request: string, now: Date): Outcome {
  const { status, headers, body, stream } = reply;
  if (call.expects === 'location' && status === 302) return { answer: { status, headers, body } };
  if (stream !== undefined) return { answer: { status, headers, body, stream } };
  if (status < 200 || status > 299) {
    const error = readGraphError(status, header(headers, 'request-id'), body);
    return { error: classify(error, { request, retryAfterMs: retryAfterMs(headers, now) }) };
  }
  if (isForeignPage(headers, call)) return { error: notFromGraph(request) };
  if (call.expects === 'location') return { error: noRedirect(request) };
  if (call.expects !== 'json' || status === 204) return { answer: { status, headers, body } };
  try {
    const json = parseTolerantly(body);
    if (typeof json !== 'object' || json === null) throw new Error('It is no object.');
    return { answer: { status, headers, body, json } };
  } catch (cause) {
    return { error: truncated(request, cause) };
  }
}

/** A web page of somebody on the way. Only Graph knows its `request-id`, which tells where a web page was asked for. */
function isForeignPage(headers: WireReply['headers'], call: Call): boolean {
  if (!/^text\/html\b/i.test(header(headers, 'content-type'))) return false;
  return !call.isWebPage || header(headers, 'request-id') === '';
}

function header(headers: WireReply['headers'], name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

function notFromGraph(request: string): Classified {
  return transient('graph.not-from-graph', 'A web page came instead of an answer of Microsoft Graph.', request, {
    hint: 'A proxy or a log-in portal on the way may have answered instead.',
  });
}

function noRedirect(request: string): Classified {
  return transient('graph.no-redirect', 'An address was asked for, and the answer gives none.', request, {});
}

function truncated(request: string, cause: unknown): Classified {
  return transient('graph.truncated', 'The answer is not complete JSON.', request, { cause });
}

function transient(
  code: string,
  message: string,
  request: string,
  more: { hint?: string; cause?: unknown },
): Classified {
  const failure = new Failure('unavailable', { code, message, retry: 'later', where: { request }, ...more });
  return { failure, remedy: 'repeat' };
}
