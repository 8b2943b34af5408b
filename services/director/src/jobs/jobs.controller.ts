import { Controller, Delete, Get, Patch, Post, Res } from '@nestjs/common';
import type { Clock } from '@backhaul/domain';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { Cursors, PAGE_QUERY, pageOf } from '../api/cursor.ts';
import { sendEtag } from '../api/etag.ts';
import type { ApiResponse } from '../api/http.ts';
import { TheClock } from '../api/inject.ts';
import { BodyOf, IfMatch, Operation, PathOf, QueryOf } from '../api/operation.ts';
import { readRun } from '../runs/list-runs.ts';
import { runView, RunView } from '../runs/run.view.ts';
import { startBackupRun } from '../runs/start-backup-run.ts';
import { changeJob } from './change-job.ts';
import { createJob } from './create-job.ts';
import { deleteJob } from './delete-job.ts';
import { JobChangeRequest, NewJobRequest, type JobChange, type NewJob } from './job-request.ts';
import { jobObjectIds, listJobs, readJob, type JobRow } from './job.store.ts';
import { JobSummaryView, jobSummaryView, jobView, JobView } from './job.view.ts';

const JobPath = z.object({ jobId: z.uuid() });
const ListQuery = z.strictObject(PAGE_QUERY);

const RunRequest = z.strictObject({
  scope: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('all') }),
      z.strictObject({
        type: z.literal('objects'),
        objectIds: z.array(z.uuid('must be an id (UUID)')).min(1, 'must name at least one object').max(10_000),
      }),
    ])
    .default({ type: 'all' })
    .describe('All objects of the job, or some of them. Neither the job nor its next run changes.'),
  forceFull: z.boolean().default(false).describe('Transfer everything again, whatever the cursors say.'),
});

const INPUT_PROBLEMS = ['request.invalid', 'job.name-taken'];

/** What to protect, where to, and how. */
@Controller('api/v1')
export class JobsController {
  constructor(
    private readonly database: DataSource,
    @TheClock() private readonly clock: Clock,
    private readonly cursors: Cursors,
  ) {}

  @Get('jobs')
  @Operation({
    id: 'listJobs',
    summary: 'List jobs by name',
    role: 'viewer',
    answer: { status: 200, schema: pageOf(JobSummaryView) },
  })
  async list(@QueryOf(ListQuery) { limit, cursor }: z.output<typeof ListQuery>) {
    const found = await listJobs(this.database, this.cursors.decode('jobs', cursor), limit);
    const page = this.cursors.page('jobs', limit, found, (job) => [job.nameFolded, job.id]);
    return { ...page, items: page.items.map(jobSummaryView) };
  }

  @Post('jobs')
  @Operation({
    id: 'createJob',
    summary: 'Create a job',
    role: 'operator',
    answer: { status: 201, schema: JobView },
    idempotent: true,
    etag: true,
    location: true,
    problems: INPUT_PROBLEMS,
  })
  async create(@BodyOf(NewJobRequest) body: NewJob, @Res({ passthrough: true }) response: ApiResponse) {
    const job = await createJob(this.database, this.clock, body);
    response.setHeader('Location', `/api/v1/jobs/${job.id}`);
    return this.#answer(job, response);
  }

  @Get('jobs/:jobId')
  @Operation({
    id: 'readJob',
    summary: 'Read one job',
    role: 'viewer',
    answer: { status: 200, schema: JobView },
    etag: true,
    problems: ['job.not-found'],
  })
  async read(@PathOf(JobPath) { jobId }: z.output<typeof JobPath>, @Res({ passthrough: true }) response: ApiResponse) {
    return this.#answer(await readJob(this.database, jobId), response);
  }

  @Patch('jobs/:jobId')
  @Operation({
    id: 'changeJob',
    summary: 'Change a job',
    description:
      'Priority and transporter load act on a running run within seconds; everything else from the next run on.',
    role: 'operator',
    answer: { status: 200, schema: JobView },
    etag: true,
    ifMatch: true,
    problems: ['job.not-found', ...INPUT_PROBLEMS],
  })
  async change(
    @PathOf(JobPath) { jobId }: z.output<typeof JobPath>,
    @IfMatch() version: number,
    @BodyOf(JobChangeRequest) body: JobChange,
    @Res({ passthrough: true }) response: ApiResponse,
  ) {
    return this.#answer(await changeJob(this.database, this.clock, jobId, version, body), response);
  }

  @Delete('jobs/:jobId')
  @Operation({
    id: 'deleteJob',
    summary: 'Delete a job that never ran',
    role: 'operator',
    answer: { status: 204 },
    ifMatch: true,
    problems: ['job.not-found', 'job.has-history'],
  })
  async delete(@PathOf(JobPath) { jobId }: z.output<typeof JobPath>, @IfMatch() version: number) {
    await deleteJob(this.database, jobId, version);
  }

  @Post('jobs/:jobId\\:run')
  @Operation({
    id: 'runJob',
    summary: 'Start a run of a job now',
    role: 'operator',
    answer: { status: 202, schema: RunView },
    idempotent: true,
    location: true,
    problems: ['job.not-found', 'run.already-active', 'run.scope-invalid'],
  })
  async run(
    @PathOf(JobPath) { jobId }: z.output<typeof JobPath>,
    @BodyOf(RunRequest) { scope, forceFull }: z.output<typeof RunRequest>,
    @Res({ passthrough: true }) response: ApiResponse,
  ) {
    const { runId } = await startBackupRun(this.database, { jobId, scope, forceFull });
    response.setHeader('Location', `/api/v1/runs/${runId}`);
    return runView(await readRun(this.database, runId));
  }

  async #answer(job: JobRow, response: ApiResponse) {
    sendEtag(response, job.version);
    return jobView(job, await jobObjectIds(this.database, job.id));
  }
}
