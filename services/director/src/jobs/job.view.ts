import { ITEM_KINDS } from '@backhaul/domain';
import { z } from 'zod';
import type { JobRow } from './job.store.ts';

export const JobSummaryView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    tenantId: z.uuid(),
    repositoryId: z.uuid(),
    priority: z.int(),
    transporterLoad: z.int().nullable().describe('Null: no job limit.'),
    changeTracking: z.object({
      mode: z.enum(['microsoft', 'proprietary', 'full']),
      onError: z.enum(['switch-to-proprietary', 'fail-object']),
    }),
    itemKinds: z.array(z.enum(ITEM_KINDS)).describe('Of each mailbox.'),
    include: z.object({ recoverableItems: z.boolean(), fileVersions: z.boolean(), filePermissions: z.boolean() }),
    objectCount: z.int(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    version: z.int(),
  })
  .meta({ id: 'JobSummary' });

export const JobView = JobSummaryView.extend({
  objectIds: z.array(z.uuid()).describe('What it protects, in order of the names.'),
}).meta({ id: 'Job' });

/** A job as lists show it. */
export function jobSummaryView(job: JobRow): z.input<typeof JobSummaryView> {
  return { ...job, createdAt: job.createdAt.toISOString(), updatedAt: job.updatedAt.toISOString() };
}

/** A job with what it protects. */
export function jobView(job: JobRow, objectIds: string[]): z.input<typeof JobView> {
  return { ...jobSummaryView(job), objectIds };
}
