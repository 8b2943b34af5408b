import type { Clock } from '@backhaul/domain';
import type { ApiRequest, ApiResponse } from '../api/http.ts';
import type { RunState, RunStates } from './run-states.ts';

export interface RunEventParts {
  states: RunStates;
  clock: Clock;
  /** Whether the caller may still listen; asked before each look. */
  mayListen: () => Promise<boolean>;
}

const LOOK_EVERY_MS = 1_000;
/** Proxies close connections that are silent for long. */
const COMMENT_AFTER_MS = 15_000;
/** How long a client waits before it connects again. */
const RETRY_MS = 2_000;

/**
 * Server-sent events about a run (WHATWG HTML, 9.2): its whole state whenever that changed, until it has ended, the
 * caller is gone or may no longer listen. Since each event holds the whole state, a gap loses nothing: who connects again
 * gets what is true then, unless `lastEventId` names just that. A slow reader skips states, never the last one.
 * @throws Failure `not-found`, before anything is sent.
 */
export async function streamRun(
  parts: RunEventParts,
  { runId, lastEventId }: { runId: string; lastEventId: string | null },
  request: ApiRequest,
  response: ApiResponse,
): Promise<void> {
  const state = await parts.states.present(runId);
  if (state.hasEnded && state.id === lastEventId) {
    // The caller knows the end already; 204 tells it to stop connecting again.
    response.statusCode = 204;
    response.end();
    return;
  }
  response.statusCode = 200;
  response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
  response.setHeader('X-Accel-Buffering', 'no');
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  response.write(`retry: ${RETRY_MS}\n\n`);
  await sendStates(parts, { runId, state, seen: lastEventId }, response);
  response.end();
}

async function sendStates(
  { states, clock, mayListen }: RunEventParts,
  from: { runId: string; state: RunState; seen: string | null },
  response: ApiResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  let { state, seen } = from;
  let lastSentAtMs = clock.monotonicMs();
  while (!gone.signal.aborted) {
    const isSilent = clock.monotonicMs() - lastSentAtMs >= COMMENT_AFTER_MS;
    if (!response.writableNeedDrain && (state.id !== seen || isSilent)) {
      response.write(state.id === seen ? ': still here\n\n' : eventOf(state));
      seen = state.id;
      lastSentAtMs = clock.monotonicMs();
    }
    if (state.hasEnded && state.id === seen) return;
    await clock.sleep(LOOK_EVERY_MS, gone.signal).catch(() => undefined);
    // While the database is away the stream goes on with what is known.
    if (!(await mayListen().catch(() => true))) return;
    state = await states.recent(from.runId).catch(() => state);
  }
}

function eventOf({ id, data, hasEnded }: RunState): string {
  return `event: ${hasEnded ? 'ended' : 'progress'}\nid: ${id}\ndata: ${data}\n\n`;
}
