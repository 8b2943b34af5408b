import { Controller, Post, Res } from '@nestjs/common';
import { COLLISION_RULES, DEFAULT_RESTORE_EXTRAS } from '@backhaul/domain';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { READING_CODES } from '../api/catalogue/repository-problems.ts';
import type { ApiResponse } from '../api/http.ts';
import { BodyOf, Operation } from '../api/operation.ts';
import { parsePointId, pointId } from '../points/point-id.ts';
import { Selection } from '../points/selection.ts';
import { OpenRepositories } from '../repositories/open-repositories.ts';
import { readRun } from '../runs/list-runs.ts';
import { runView, RunView } from '../runs/run.view.ts';
import { startRestore } from './start-restore.ts';

const RestoreRequest = z.strictObject({
  pointId,
  selection: Selection,
  targetObjectId: z.uuid().optional().describe('An object of the same kind; unset: the one it was backed up from.'),
  placement: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('original') }),
      z.strictObject({
        type: z.literal('new-folder'),
        name: z
          .string()
          .trim()
          .min(1, 'must not be empty')
          .max(200, 'must have at most 200 characters')
          .regex(/^\P{Cc}*$/u, 'must not contain control characters'),
      }),
    ])
    .default({ type: 'original' })
    .describe(
      'The original folders, or the same folders below a new top folder; calendars become new ones of that name.',
    ),
  collision: z.enum(COLLISION_RULES).default('skip').describe('What becomes of what is there already.'),
  include: z
    .strictObject({
      fileVersions: z.boolean().default(DEFAULT_RESTORE_EXTRAS.fileVersions).describe('Earlier versions of files too.'),
      filePermissions: z
        .boolean()
        .default(DEFAULT_RESTORE_EXTRAS.filePermissions)
        .describe('Who may use files and folders too; nobody is told.'),
    })
    .default(DEFAULT_RESTORE_EXTRAS),
});

/** Bringing items back. */
@Controller('api/v1')
export class RestoresController {
  constructor(
    private readonly database: DataSource,
    private readonly repositories: OpenRepositories,
  ) {}

  @Post('restores')
  @Operation({
    id: 'startRestore',
    summary: 'Restore an object, folders or items from a point',
    description:
      'A restore is a run: follow it under /runs. It comes before all backups. Repeating it under its run doubles nothing.',
    role: 'operator',
    answer: { status: 202, schema: RunView },
    idempotent: true,
    location: true,
    problems: [...READING_CODES, 'point.not-found', 'restore.permission-missing'],
  })
  async start(
    @BodyOf(RestoreRequest) body: z.output<typeof RestoreRequest>,
    @Res({ passthrough: true }) response: ApiResponse,
  ) {
    const { database, repositories } = this;
    const { pointId: point, targetObjectId = null, ...rest } = body;
    const wish = { ...rest, targetObjectId, point: parsePointId(point) };
    const { runId } = await startRestore({ database, repositories }, wish);
    response.setHeader('Location', `/api/v1/runs/${runId}`);
    return runView(await readRun(database, runId));
  }
}
