import { createHash, hash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LogEntry } from '../control/protocol.ts';
import type { MetFault } from '../faults/fault-rules.ts';
import { errorBody, GraphError } from './graph-error.ts';
import { JSON_TYPE, type Reply } from './reply.ts';

/** Larger bodies are written piece by piece. */
const WHOLE = 4 * 1024 * 1024;
const ONE_WRITE = 16 * 1024;
const DIAGNOSTIC =
  '{"ServerInfo":{"DataCenter":"Switzerland North","Slice":"E","Ring":"3","ScaleUnit":"001","RoleInstance":"SIM0001"}}';

/** One answer on its way out. */
export interface Sending {
  request: IncomingMessage;
  response: ServerResponse;
  entry: LogEntry;
  fault: MetFault | null;
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
  const whole = bodyOf(reply);
  const length = whole?.length ?? reply.stream?.length ?? 0;
  const keep = effect?.kind === 'truncate' ? Math.min(length, effect.keepBytes ?? Math.floor(length / 2)) : length;
  entry.status = reply.status;
  response.writeHead(reply.status, headersOf(reply, keep, requestId, entry));
  if (effect?.kind === 'reset') {
    const part = (whole ?? Buffer.concat([...reply.stream!.pieces()])).subarray(
      0,
      effect.afterBytes ?? Math.floor(length / 2),
    );
    note(entry, part);
    await new Promise<void>((resolve) => response.write(part, () => resolve()));
    request.socket.destroy();
    return;
  }
  if (whole !== null) {
    const body = keep < length ? whole.subarray(0, keep) : whole;
    note(entry, body);
    // Counted as over just before the last byte goes out: a client that has all of it may ask again at once.
    done();
    // A small body goes out in one write with its header, which only strings do.
    if (body.length <= ONE_WRITE) response.end(body.toString('latin1'), 'latin1');
    else response.end(body);
  } else {
    await sendPieces(response, entry, reply.stream!.pieces(), keep);
    done();
    if (!response.destroyed) response.end();
  }
}

function errorReply(error: GraphError, requestId: string, entry: LogEntry): Reply {
  const ids = { requestId, clientRequestId: entry.clientRequestId ?? requestId, date: new Date().toISOString() };
  return { status: error.status, headers: error.headers, json: errorBody(error, ids) };
}

/** The whole body, or null when it is to be streamed. */
function bodyOf(reply: Reply): Buffer | null {
  if (reply.json !== undefined) return Buffer.from(JSON.stringify(reply.json));
  if (reply.bytes !== undefined) return reply.bytes;
  if (reply.stream === undefined) return Buffer.alloc(0);
  return reply.stream.length > WHOLE ? null : Buffer.concat([...reply.stream.pieces()]);
}

async function sendPieces(
  response: ServerResponse,
  entry: LogEntry,
  pieces: Iterable<Buffer>,
  keep: number,
): Promise<void> {
  const digest = createHash('sha256');
  let sent = 0;
  for (const piece of pieces) {
    const part = sent + piece.length > keep ? piece.subarray(0, keep - sent) : piece;
    digest.update(part);
    sent += part.length;
    entry.bytes = sent;
    if (!response.write(part)) await drained(response);
    if (response.destroyed || sent >= keep) break;
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

function headersOf(reply: Reply, length: number, requestId: string, entry: LogEntry): Record<string, string> {
  const headers: Record<string, string> = {
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
