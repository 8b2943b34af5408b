import { Failure } from '@backhaul/domain';
import { classify, type Classified } from './classify.ts';
import { readGraphError } from './graph-error.ts';
import { nextStep, type RetryPolicy } from './pipeline/next-step.ts';
import { retryAfterMs } from './retry-after.ts';

/** Microsoft's limit of requests in one batch. */
export const LARGEST_BATCH = 20;

/** A small reading request. Things with an effect do not belong here: parts are repeated. */
export interface BatchPart {
  /** As in a single request. */
  path: string;
  headers?: Readonly<Record<string, string>>;
}

export type BatchOutcome = { ok: true; body: unknown } | { ok: false; failure: Failure };

export interface BatchSending {
  /** Sends one batch; throws what a single request would throw. */
  send: (body: { requests: unknown[] }) => Promise<unknown>;
  /** Closes the scope's gate: parts are throttled one by one. */
  pause: (ms: number) => void;
  /** Waits before parts that failed are sent again. */
  rest: (ms: number) => Promise<void>;
  /** As for single requests. */
  policy: RetryPolicy;
  /** A source of numbers of [0, 1). */
  random: () => number;
  now: () => Date;
}

interface BatchResponse {
  id: string;
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** Sends all parts, twenty at a time, and those again that were throttled or failed for a transient reason. */
export async function batch(parts: readonly BatchPart[], sending: BatchSending): Promise<BatchOutcome[]> {
  const outcomes = new Array<BatchOutcome>(parts.length);
  let open = parts.map((_part, index) => index);
  for (let round = 1; open.length > 0; round += 1) {
    const again: number[] = [];
    let restMs = 0;
    for (let start = 0; start < open.length; start += LARGEST_BATCH) {
      const chunk = open.slice(start, start + LARGEST_BATCH);
      const responses = await oneBatch(chunk, parts, sending);
      for (const index of chunk) {
        const result = resultOf(responses.get(String(index)), parts[index]?.path ?? '', sending.now());
        if ('body' in result) outcomes[index] = { ok: true, body: result.body };
        else {
          const { isOver, afterMs } = afterFailedPart(result, round, sending);
          if (isOver) outcomes[index] = { ok: false, failure: result.failure };
          else again.push(index);
          restMs = Math.max(restMs, afterMs);
        }
      }
    }
    open = again;
    if (restMs > 0) await sending.rest(restMs);
  }
  return outcomes;
}

async function oneBatch(
  indexes: readonly number[],
  parts: readonly BatchPart[],
  sending: BatchSending,
): Promise<Map<string, BatchResponse>> {
  const requests = indexes.map((index) => ({
    id: String(index),
    method: 'GET',
    url: parts[index]?.path,
    ...(parts[index]?.headers && { headers: parts[index].headers }),
  }));
  const { responses } = (await sending.send({ requests })) as { responses?: BatchResponse[] };
  return new Map((responses ?? []).map((response) => [response.id, response]));
}

/** Closes the gate for a throttled part; the next round then waits there. Pauses that were asked for end some time, too. */
function afterFailedPart(
  result: Classified,
  round: number,
  { policy, random, pause }: BatchSending,
): { isOver: boolean; afterMs: number } {
  const attempts = { failed: round, tokenRenewed: true, repeatable: true };
  const next = nextStep(result, attempts, policy, random());
  const isOver = round >= policy.maxTries || next.do === 'give-up' || next.do === 'renew-token';
  if (next.do === 'wait-at-gate') pause(result.failure.retryAfterMs ?? 0);
  return { isOver, afterMs: next.do === 'repeat' ? next.afterMs : 0 };
}

function resultOf(response: BatchResponse | undefined, path: string, now: Date): { body: unknown } | Classified {
  const request = `GET ${path.split('?', 1)[0]}`;
  if (response === undefined) {
    const message = 'A part of the batch was not answered.';
    const failure = new Failure('unavailable', {
      code: 'graph.unavailable',
      message,
      retry: 'later',
      where: { request },
    });
    return { failure, remedy: 'repeat' };
  }
  if (response.status >= 200 && response.status <= 299) return { body: response.body };
  const headers = Object.fromEntries(
    Object.entries(response.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const error = readGraphError(
    response.status,
    headers['request-id'] ?? '',
    Buffer.from(JSON.stringify(response.body ?? '')),
  );
  return classify(error, { request, retryAfterMs: retryAfterMs(headers, now) });
}
