import { Readable } from 'node:stream';
import { badRequest, errorBody, GraphError } from '../http/graph-error.ts';
import type { GraphRequest, RawGraphRequest } from '../http/graph-request.ts';
import { ok, type Reply } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import { jsonBody, type JsonObject } from './json-body.ts';

const MOST = 20;
/** Outlook works on so many parts at once. */
const AT_ONCE = 4;

interface Part {
  id: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: unknown;
  dependsOn: string[];
}

interface PartAnswer {
  id: string;
  status: number;
  headers: Record<string, string>;
  body?: unknown;
}

/** `POST /$batch`: up to 20 requests, each with its own status; what depends on a failed one gets 424. */
export function batchRoute(answer: (part: RawGraphRequest) => Promise<Reply>): Route {
  return {
    method: 'POST',
    path: '/$batch',
    access: { anyOf: [], service: 'directory' },
    handle: async (request) => {
      const parts = readParts(await jsonBody(request));
      const answers = new Map<string, PartAnswer>();
      while (answers.size < parts.length) {
        const ready = parts.filter((part) => !answers.has(part.id) && part.dependsOn.every((id) => answers.has(id)));
        if (ready.length === 0) throw badRequest('Dependencies of the batch form a circle.');
        const now = ready.slice(0, AT_ONCE);
        for (const done of await Promise.all(now.map((part) => answerPart(part, request, answers, answer))))
          answers.set(done.id, done);
      }
      return ok({ responses: [...answers.values()] });
    },
  };
}

async function answerPart(
  part: Part,
  request: GraphRequest,
  answers: ReadonlyMap<string, PartAnswer>,
  answer: (part: RawGraphRequest) => Promise<Reply>,
): Promise<PartAnswer> {
  if (part.dependsOn.some((id) => answers.get(id)!.status >= 400)) {
    return failed(part.id, new GraphError(424, 'FailedDependency', 'A request that this one depends on failed.'));
  }
  const body = bodyBytes(part);
  const raw: RawGraphRequest = {
    method: part.method,
    url: part.url,
    headers: part.headers,
    app: request.app,
    bodySize: body.length,
    body: () => Promise.resolve(body),
    pieces: () => Readable.from([body]),
  };
  try {
    const reply = await answer(raw);
    try {
      return succeeded(part.id, reply);
    } finally {
      reply.onSent?.();
    }
  } catch (error) {
    if (error instanceof GraphError) return failed(part.id, error);
    throw error;
  }
}

/** Bytes come as base64 in a string. */
function succeeded(id: string, reply: Reply): PartAnswer {
  const { status, headers = {} } = reply;
  if (reply.json !== undefined)
    return { id, status, headers: { ...headers, 'Content-Type': 'application/json' }, body: reply.json };
  const bytes = reply.bytes ?? (reply.stream === undefined ? undefined : Buffer.concat([...reply.stream.pieces()]));
  if (bytes === undefined) return { id, status, headers };
  return {
    id,
    status,
    headers: { ...headers, 'Content-Type': reply.contentType ?? 'text/plain' },
    body: bytes.toString('base64'),
  };
}

function failed(id: string, error: GraphError): PartAnswer {
  const ids = { requestId: id, clientRequestId: id, date: new Date().toISOString() };
  return {
    id,
    status: error.status,
    headers: { ...error.headers, 'Content-Type': 'application/json' },
    body: errorBody(error, ids),
  };
}

function bodyBytes({ body, headers }: Part): Buffer {
  if (body === undefined || body === null) return Buffer.alloc(0);
  const json = Object.entries(headers).some(
    ([name, value]) => name === 'content-type' && value.toLowerCase().includes('json'),
  );
  if (typeof body === 'string' && !json) return Buffer.from(body);
  return Buffer.from(JSON.stringify(body));
}

function readParts(body: JsonObject): Part[] {
  const requests = body['requests'];
  if (!Array.isArray(requests) || requests.length === 0) throw badRequest('A batch needs requests.');
  if (requests.length > MOST)
    throw badRequest(`Number of batch request steps exceeds the maximum value of ${MOST}.`, 'MaximumValueExceeded');
  const parts = (requests as JsonObject[]).map(readPart);
  const ids = new Set(parts.map(({ id }) => id));
  if (ids.size < parts.length) throw badRequest('The ids of a batch must be unique.');
  const unknown = parts.flatMap(({ dependsOn }) => dependsOn).find((id) => !ids.has(id));
  if (unknown !== undefined) throw badRequest(`The batch depends on '${unknown}', which is not in it.`);
  return parts;
}

function readPart({ id, method, url, headers, body, dependsOn }: JsonObject): Part {
  if (typeof id !== 'string' || typeof method !== 'string' || typeof url !== 'string') {
    throw badRequest('Each request of a batch needs id, method and url.');
  }
  if (url.includes('$batch')) throw badRequest('A batch cannot hold a batch.');
  const lowerCase = Object.entries((headers ?? {}) as Record<string, string>).map(([name, value]) => [
    name.toLowerCase(),
    value,
  ]);
  return {
    id,
    method: method.toUpperCase(),
    url: url.startsWith('/') ? url : `/${url}`,
    headers: Object.fromEntries(lowerCase) as Record<string, string>,
    body,
    dependsOn: Array.isArray(dependsOn) ? (dependsOn as string[]) : [],
  };
}
