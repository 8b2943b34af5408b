import { Controller, Post, Res } from '@nestjs/common';
import { COLLISION_RULES } from '@backhaul/domain';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import type { ApiResponse } from '../api/http.ts';
import { BodyOf, Operation } from '../api/operation.ts';
import { parsePointId, pointId } from '../points/point-id.ts';
import { OpenRepositories } from '../repositories/open-repositories.ts';
import { readRun } from '../runs/list-runs.ts';
import { runView, RunView } from '../runs/run.view.ts';
import { startRestore } from './start-restore.ts';

const MAX_SELECTED = 1_000;
const graphId = z.string().min(1, 'must not be empty').max(1_000, 'is too long to be an id');

const RestoreRequest = z.strictObject({
  pointId,
  selection: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('all') }),
      z.strictObject({
        type: z.literal('folders'),
        folderIds: z
          .array(graphId)
          .min(1, 'must name at least one folder')
          .max(MAX_SELECTED)
          .describe('With everything below them.'),
      }),
      z.strictObject({
        type: z.literal('items'),
        items: z
          .array(z.strictObject({ folderId: graphId, itemId: graphId }))
          .min(1, 'must name at least one item')
          .max(MAX_SELECTED, `must name at most ${MAX_SELECTED} items; choose folders instead`),
      }),
    ])
    .default({ type: 'all' }),
  targetObjectId: z.uuid().optional().describe('Unset: the mailbox it was backed up from.'),
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
    .describe('The original folders, or the same folders below a new top folder.'),
  collision: z.enum(COLLISION_RULES).default('skip').describe('What becomes of what is there already.'),
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
    summary: 'Restore a mailbox, folders or items from a point',
    description:
      'A restore is a run: follow it under /runs. It comes before all backups. Repeating it under its run doubles nothing.',
    role: 'operator',
    answer: { status: 202, schema: RunView },
    idempotent: true,
    problems: ['point.not-found', 'restore.permission-missing'],
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
