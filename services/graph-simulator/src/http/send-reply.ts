import { createHash, hash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LogEntry } from '../protocol/log.ts';
import type { MetFault } from '../faults/fault-rules.ts';
import { errorBody, GraphError } from './graph-error.ts';
import { JSON_TYPE, type Reply } from './reply.ts';

/** A body up to this size goes out in one write with its header, which only strings do. */
const ONE_WRITE = 16 * 1024;
/** Longer bodies are sent in pieces, so many bytes at a time: what is on its way to the client is held several times over. */
const GATHERED = 128 * 1024;
const DIAGNOSTIC =
  '{"ServerInfo":{"DataCenter":"Switzerland North","Slice":"E","Ring":"3","ScaleUnit":"001","RoleInstance":"SIM0001"}}';

/** One answer on its way out. */
export interface Sending {
  request: IncomingMessage;
  response: ServerResponse;
  entry: LogEntry;
  fault: MetFault | null;
  /** By the tenant's clock. */
  now: Date;
  /** Called once, when everything was sent or the connection broke. */
  done(reply: Reply | GraphError): void;
}

/** Sends an answer with the headers that every answer has, and writes down what was sent. */
export async function sendReply(sending: Sending, answer: Reply | GraphError): Promise<void> {
  const { request, response, entry, fault } = sending;
  const requestId = randomUUID();
  const reply = answer instanceof GraphError ? errorReply(answer, requestId, entry) : answer;
  const effect = fault?.effect;
  const done = once(() => sending.done(answer));
  // A client that hangs up ends the exchange too, also one that did so while the answer was made.
  if (response.destroyed) return done();
  response.once('close', done);
  if (effect?.kind === 'hang') return;
  if (effect?.kind === 'lost-answer') {
    request.socket.destroy();
    return;
  }
  const body = bodyOf(reply);
  const keep =
    effect?.kind === 'truncate' ? Math.min(body.length, effect.keepBytes ?? Math.floor(body.length / 2)) : body.length;
  entry.status = reply.status;
  response.writeHead(reply.status, headersOf(reply, keep, requestId, sending));
  if (effect?.kind === 'reset') {
    const cut = Math.min(body.length, effect.afterBytes ?? Math.floor(body.length / 2));
    await sendUpTo(response, entry, body, cut);
    request.socket.destroy();
  } else if (keep <= GATHERED) {
    const part = wholeOf(body).subarray(0, keep);
    note(entry, part);
    done();
    if (keep <= ONE_WRITE) response.end(part.toString('latin1'), 'latin1');
    else response.end(part);
  } else {
    await sendPieces(response, entry, body.pieces(), keep, done);
  }
}

function errorReply(error: GraphError, requestId: string, entry: LogEntry): Reply {
  const ids = { requestId, clientRequestId: entry.clientRequestId ?? requestId, date: new Date().toISOString() };
  return { status: error.status, headers: error.headers, json: errorBody(error, ids) };
}

type Body = NonNullable<Reply['stream']>;

function bodyOf(reply: Reply): Body {
  if (reply.stream !== undefined) return reply.stream;
  const bytes = reply.json === undefined ? (reply.bytes ?? Buffer.alloc(0)) : Buffer.from(JSON.stringify(reply.json));
  return { length: bytes.length, pieces: () => [bytes] };
}

function wholeOf(body: Body): Buffer {
  return Buffer.concat([...body.pieces()]);
}

/**
 * Sends the first `keep` bytes. `done` is called just before the last of them go out: a client that has all of a body may
 * ask again at once.
 */
async function sendPieces(
  response: ServerResponse,
  entry: LogEntry,
  pieces: Iterable<Buffer>,
  keep: number,
  done: () => void,
): Promise<void> {
  const digest = createHash('sha256');
  let gathered = 0;
  response.cork();
  for (const piece of pieces) {
    const part = piece.subarray(0, keep - entry.bytes);
    digest.update(part);
    entry.bytes += part.length;
    gathered += part.length;
    if (entry.bytes === keep) {
      entry.sha256 = digest.digest('hex');
      done();
      response.end(part);
      return;
    }
    const flows = response.write(part);
    if (gathered < GATHERED) continue;
    gathered = 0;
    response.uncork();
    if (!flows) await drained(response);
    if (response.destroyed) break;
    response.cork();
  }
  entry.sha256 = digest.digest('hex');
  response.destroy();
}

/** Sends the first bytes of a body, however long it is, and waits until they are on their way. */
async function sendUpTo(response: ServerResponse, entry: LogEntry, body: Body, cut: number): Promise<void> {
  const digest = createHash('sha256');
  for (const piece of body.pieces()) {
    const part = piece.subarray(0, cut - entry.bytes);
    digest.update(part);
    entry.bytes += part.length;
    await new Promise<void>((resolve) => response.write(part, () => resolve()));
    if (entry.bytes === cut || response.destroyed) break;
  }
  entry.sha256 = digest.digest('hex');
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      response.off('drain', go);
      response.off('close', go);
      resolve();
    };
    response.on('drain', go);
    response.on('close', go);
  });
}

function note(entry: LogEntry, body: Buffer): void {
  entry.bytes = body.length;
  entry.sha256 = hash('sha256', body);
}

function headersOf(reply: Reply, length: number, requestId: string, { entry, now }: Sending): Record<string, string> {
  const headers: Record<string, string> = {
    Date: now.toUTCString(),
    'Cache-Control': 'no-cache',
    'Strict-Transport-Security': 'max-age=31536000',
    'request-id': requestId,
    'client-request-id': entry.clientRequestId ?? requestId,
    'x-ms-ags-diagnostic': DIAGNOSTIC,
    'OData-Version': '4.0',
    ...reply.headers,
  };
  if (reply.status !== 204) headers['Content-Length'] = String(length);
  if (reply.json !== undefined) headers['Content-Type'] = reply.contentType ?? JSON_TYPE;
  else if (length > 0) headers['Content-Type'] = reply.contentType ?? 'application/octet-stream';
  return headers;
}

function once(action: () => void): () => void {
  let over = false;
  return () => {
    if (over) return;
    over = true;
    action();
  };
}
