import { createHash } from 'node:crypto';
import type { Clock } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import type { ApiRequest, ApiResponse } from '../api/http.ts';
import { readRun } from './list-runs.ts';
import { listTasks, type WhyWaiting } from './list-tasks.ts';
import { runView, RunView, taskSummaryView, TaskSummaryView } from './run.view.ts';

export interface RunEventParts {
  database: DataSource;
  clock: Clock;
  whyWaiting: WhyWaiting;
}

/** What an event holds; nothing but what it names is sent. */
const RunState = z.object({ run: RunView, running: z.array(TaskSummaryView) });

const LOOK_EVERY_MS = 1_000;
/** Proxies close connections that are silent for long. */
const COMMENT_AFTER_LOOKS = 15;

/** Sends the state of a run whenever it changed, until it has ended or the caller is gone. @throws Failure `not-found`. */
export async function streamRun(
  parts: RunEventParts,
  runId: string,
  lastEventId: string | null,
  request: ApiRequest,
  response: ApiResponse,
): Promise<void> {
  const gone = new AbortController();
  request.once('close', () => gone.abort());
  response.once('close', () => gone.abort());
  let seen = lastEventId;
  let silentLooks = 0;
  let snapshot = await look(parts, runId);
  if (snapshot.hasEnded && snapshot.id === seen) {
    // The caller knows the end already; 204 tells it to stop connecting again.
    response.statusCode = 204;
    response.end();
    return;
  }
  response.statusCode = 200;
  response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
  response.setHeader('X-Accel-Buffering', 'no');
  response.flushHeaders();
  while (!gone.signal.aborted) {
    if (snapshot.id !== seen) {
      response.write(
        `event: ${snapshot.hasEnded ? 'ended' : 'progress'}\nid: ${snapshot.id}\ndata: ${snapshot.data}\n\n`,
      );
      seen = snapshot.id;
      silentLooks = 0;
    } else if ((silentLooks += 1) % COMMENT_AFTER_LOOKS === 0) {
      response.write(': still here\n\n');
    }
    if (snapshot.hasEnded) break;
    await parts.clock.sleep(LOOK_EVERY_MS, gone.signal).catch(() => undefined);
    // When the database is away for a moment, the stream goes on with what is next known.
    snapshot = await look(parts, runId).catch(() => snapshot);
  }
  response.end();
}

/** The state as it is sent: the run and its tasks at work. Its id is a mark of its content. */
async function look({ database, whyWaiting }: RunEventParts, runId: string) {
  const run = await readRun(database, runId);
  const { items } = await listTasks(database, { runId, state: 'running', limit: 200 }, whyWaiting);
  const data = JSON.stringify(RunState.parse({ run: runView(run), running: items.map(taskSummaryView) }));
  return { data, hasEnded: run.state === 'ended', id: createHash('sha256').update(data).digest('hex').slice(0, 16) };
}
