import { z } from 'zod';
import type { RepositoryCheck } from './repository-checks.ts';
import type { RepositoryStats } from './repository-stats.ts';
import type { RepositoryRow } from './repository.store.ts';

const date = z.iso.datetime();

export const RepositoryView = z
  .object({
    id: z.uuid().describe("The repository's own id; the same in every installation that connects it."),
    name: z.string(),
    type: z.literal('disk'),
    folder: z.string(),
    createdAt: date.describe('When it was connected here.'),
    keys: z.object({ set: z.literal(true) }).describe('The data keys are stored sealed and never shown.'),
  })
  .meta({ id: 'Repository' });

export const RepositoryCreated = RepositoryView.extend({
  generatedPassword: z
    .string()
    .nullable()
    .describe(
      'Shown this once, when none was given. With it and the folder everything can be restored without this Director.',
    ),
}).meta({ id: 'RepositoryCreated' });

export const RepositoryStatsView = z
  .object({
    points: z.int(),
    objects: z.int(),
    contentBytes: z.number().describe('Bytes of content in the newest points, before deduplication.'),
    storedBytes: z.number().describe('Bytes that all points together added to the store.'),
    newestPointAt: date.nullable(),
    freeBytes: z.number().nullable().describe('Bytes free on its disk, where that can be told.'),
  })
  .meta({ id: 'RepositoryStats' });

export const RepositoryCheckView = z
  .object({
    id: z.uuid(),
    repositoryId: z.uuid(),
    data: z.boolean(),
    state: z.enum(['running', 'ended']),
    startedAt: date,
    endedAt: date.nullable(),
    progress: z.object({ done: z.number(), total: z.number() }),
    report: z
      .object({
        points: z.int(),
        packs: z.int(),
        chunks: z.int(),
        bytes: z.number(),
        damage: z.array(z.object({ name: z.string(), problem: z.string() })).describe('Empty when all is well.'),
        affectedPoints: z.array(z.string()).describe('Ids of points that cannot be restored whole.'),
      })
      .nullable(),
    failure: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).nullable(),
  })
  .meta({ id: 'RepositoryCheck' });

/** A repository as the API shows it. */
export function repositoryView(row: RepositoryRow): z.input<typeof RepositoryView> {
  return {
    id: row.id,
    name: row.name,
    type: row.location.type,
    folder: row.location.folder,
    createdAt: row.createdAt.toISOString(),
    keys: { set: true },
  };
}

export function repositoryStatsView(stats: RepositoryStats): z.input<typeof RepositoryStatsView> {
  return { ...stats, newestPointAt: stats.newestPointAt?.toISOString() ?? null };
}

export function repositoryCheckView(check: RepositoryCheck): z.input<typeof RepositoryCheckView> {
  const { report } = check;
  return {
    ...check,
    startedAt: check.startedAt.toISOString(),
    endedAt: check.endedAt?.toISOString() ?? null,
    report:
      report === null
        ? null
        : {
            ...report,
            affectedPoints: report.affectedPoints.map(
              ({ chain, sequence }) => `${chain.jobId}.${chain.objectId}.${sequence}`,
            ),
          },
  };
}
