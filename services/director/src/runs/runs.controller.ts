import { Controller, Get, Headers, Post, Req, Res } from '@nestjs/common';
import { TASK_STATES, type Clock } from '@backhaul/domain';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { isValidToken } from '../access/api-token.store.ts';
import { Cursors, PAGE_QUERY, pageOf } from '../api/cursor.ts';
import type { ApiRequest, ApiResponse, Caller } from '../api/http.ts';
import { TheClock, TheCore } from '../api/inject.ts';
import { CallerOf, Operation, PathOf, QueryOf } from '../api/operation.ts';
import type { DirectorCore } from '../core/director-core.ts';
import { listRuns, readRun } from './list-runs.ts';
import { listTasks, readTask } from './list-tasks.ts';
import { retryFailed } from './retry-failed.ts';
import { streamRun } from './run-events.ts';
import { RunEvent, RunStates } from './run-states.ts';
import {
  RunSummaryView,
  runSummaryView,
  runView,
  RunView,
  TaskSummaryView,
  taskSummaryView,
  TaskView,
  taskView,
} from './run.view.ts';
import { stopRun } from './stop-run.ts';

const RunPath = z.object({ runId: z.uuid() });
const TaskPath = RunPath.extend({ taskId: z.uuid() });

const RunsQuery = z.strictObject({
  ...PAGE_QUERY,
  kind: z.enum(['backup', 'restore']).optional(),
  jobId: z.uuid().optional(),
  state: z.enum(['running', 'stopping', 'ended']).optional(),
});
const TasksQuery = z.strictObject({ ...PAGE_QUERY, state: z.enum(TASK_STATES).optional() });

/** What was started, how far it is, and how it ended. */
@Controller('api/v1')
export class RunsController {
  private readonly states: RunStates;

  constructor(
    private readonly database: DataSource,
    @TheClock() private readonly clock: Clock,
    @TheCore() private readonly core: DirectorCore,
    private readonly cursors: Cursors,
  ) {
    this.states = new RunStates({ database, clock, whyWaiting: (taskId) => core.whyWaiting(taskId) });
  }

  @Get('runs')
  @Operation({
    id: 'listRuns',
    summary: 'List runs of jobs and restores, newest first',
    role: 'viewer',
    answer: { status: 200, schema: pageOf(RunSummaryView) },
  })
  async list(@QueryOf(RunsQuery) { limit, cursor, ...filter }: z.output<typeof RunsQuery>) {
    const list = JSON.stringify(['runs', filter.kind, filter.jobId, filter.state]);
    const after = this.cursors.decode(list, cursor);
    const found = await listRuns(this.database, { ...given(filter), after, limit });
    const page = this.cursors.page(list, limit, found, (run) => [run.startedAtText, run.runId]);
    return { ...page, items: page.items.map(runSummaryView) };
  }

  @Get('runs/:runId')
  @Operation({
    id: 'readRun',
    summary: 'Read one run with its counts, live ones included',
    role: 'viewer',
    answer: { status: 200, schema: RunView },
    problems: ['run.not-found'],
  })
  async read(@PathOf(RunPath) { runId }: z.output<typeof RunPath>) {
    return runView(await readRun(this.database, runId));
  }

  @Get('runs/:runId/tasks')
  @Operation({
    id: 'listTasks',
    summary: 'List the tasks of a run with their progress',
    role: 'viewer',
    answer: { status: 200, schema: pageOf(TaskSummaryView) },
    problems: ['run.not-found'],
  })
  async tasks(
    @PathOf(RunPath) { runId }: z.output<typeof RunPath>,
    @QueryOf(TasksQuery) { limit, cursor, state }: z.output<typeof TasksQuery>,
  ) {
    await readRun(this.database, runId);
    const list = JSON.stringify(['tasks', runId, state]);
    const filter = { runId, ...given({ state }), after: this.cursors.decode(list, cursor), limit };
    const found = await listTasks(this.database, filter, (taskId) => this.core.whyWaiting(taskId));
    const page = this.cursors.page(list, limit, found, (task) => [task.taskId]);
    return { ...page, items: page.items.map(taskSummaryView) };
  }

  @Get('runs/:runId/tasks/:taskId')
  @Operation({
    id: 'readTask',
    summary: 'Read one task with its issues and attempts',
    role: 'viewer',
    answer: { status: 200, schema: TaskView },
    problems: ['task.not-found'],
  })
  async task(@PathOf(TaskPath) { taskId }: z.output<typeof TaskPath>) {
    return taskView(await readTask(this.database, taskId, (id) => this.core.whyWaiting(id)));
  }

  @Get('runs/:runId/events')
  @Operation({
    id: 'followRun',
    summary: 'Follow a run live (server-sent events)',
    description:
      'An event "progress" whenever something changed, looked at once a second; "ended" at the end, after which the stream ' +
      'ends. Each event holds the whole state, so nothing is lost by a gap; a state whose id is sent in Last-Event-ID is ' +
      'not sent again, by whichever Director answers. Comments keep silent connections open. The stream ends, too, when ' +
      'the token does.',
    role: 'viewer',
    answer: { status: 200, mediaType: 'text/event-stream', description: 'The events.', events: RunEvent },
    otherAnswers: [{ status: 204, description: 'The run has ended, and the caller knows its last state already.' }],
    resumable: true,
    problems: ['run.not-found'],
  })
  async events(
    @PathOf(RunPath) { runId }: z.output<typeof RunPath>,
    @Headers('last-event-id') lastEventId: string | undefined,
    @CallerOf() { tokenId }: Caller,
    @Req() request: ApiRequest,
    @Res() response: ApiResponse,
  ) {
    const { clock, database, states } = this;
    const mayListen = () => isValidToken(database, tokenId, clock.now());
    const from = { runId, lastEventId: lastEventId ?? null };
    await streamRun({ states, clock, mayListen }, from, request, response);
  }

  @Post('runs/:runId\\:stop')
  @Operation({
    id: 'stopRun',
    summary: 'Stop a run',
    description:
      'What waits is cancelled at once; what is at work ends at its next safe point, and what it committed stays.',
    role: 'operator',
    answer: {
      status: 202,
      schema: z.object({
        cancelled: z.int().describe('Tasks that will not start.'),
        stopping: z.int().describe('Tasks at work that were told to stop.'),
      }),
    },
    location: true,
    problems: ['run.not-found', 'run.ended'],
  })
  async stop(@PathOf(RunPath) { runId }: z.output<typeof RunPath>, @Res({ passthrough: true }) response: ApiResponse) {
    const stopped = await stopRun(this.database, runId);
    response.setHeader('Location', `/api/v1/runs/${runId}`);
    return stopped;
  }

  @Post('runs/:runId\\:retry-failed')
  @Operation({
    id: 'retryFailed',
    summary: 'Start a new run over what failed or was cancelled in this one',
    role: 'operator',
    answer: { status: 202, schema: RunView },
    idempotent: true,
    location: true,
    problems: ['run.not-found', 'run.not-ended', 'run.already-active', 'run.nothing-to-retry'],
  })
  async retry(@PathOf(RunPath) { runId }: z.output<typeof RunPath>, @Res({ passthrough: true }) response: ApiResponse) {
    const started = await retryFailed(this.database, runId);
    response.setHeader('Location', `/api/v1/runs/${started.runId}`);
    return runView(await readRun(this.database, started.runId));
  }
}

/** Without the members that are undefined. */
function given<T extends object>(values: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
