import { foldName, type Clock } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { changedMeanwhile } from '../api/etag.ts';
import { transaction } from '../database/statement.ts';
import { changeLane } from '../lanes/lane.store.ts';
import { refuseBadReferences } from './create-job.ts';
import type { JobChange } from './job-request.ts';
import { readJob, replaceJobObjects, updateJobRow, type JobRow } from './job.store.ts';

/**
 * Changes a job. Priority and load act on a running run at once; everything else from the next run on.
 * @throws Failure `not-found`; `precondition` when the job is not in `expectedVersion`; what {@link createJob} throws.
 */
export async function changeJob(
  database: DataSource,
  clock: Clock,
  jobId: string,
  expectedVersion: number,
  change: JobChange,
): Promise<JobRow> {
  return transaction(database, async (tx) => {
    const job = await readJob(tx, jobId);
    if (job.version !== expectedVersion) throw changedMeanwhile();
    await refuseBadReferences(tx, {
      tenantId: job.tenantId,
      repositoryId: change.repositoryId,
      objectIds: change.objectIds,
    });
    const { priority, transporterLoad: limit } = change;
    if (priority !== undefined || limit !== undefined) {
      // Lanes are locked before jobs, as everywhere.
      await changeLane(tx, jobId, {
        ...(priority !== undefined && { priority }),
        ...(limit !== undefined && { limit }),
      });
    }
    const isStored = await updateJobRow(tx, changed(job, change, clock));
    if (!isStored) throw changedMeanwhile();
    if (change.objectIds !== undefined) await replaceJobObjects(tx, jobId, change.objectIds);
    return readJob(tx, jobId);
  });
}

function changed(job: JobRow, change: JobChange, clock: Clock): JobRow {
  const name = change.name ?? job.name;
  return {
    ...job,
    name,
    nameFolded: foldName(name),
    repositoryId: change.repositoryId ?? job.repositoryId,
    changeTracking: change.changeTracking ?? job.changeTracking,
    itemKinds: change.itemKinds ?? job.itemKinds,
    include: change.include ?? job.include,
    updatedAt: clock.now(),
    version: job.version + 1,
  };
}
