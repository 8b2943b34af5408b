import { Failure } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { changedMeanwhile } from '../api/etag.ts';
import { rows, transaction } from '../database/statement.ts';
import { readJob } from './job.store.ts';

/**
 * Deletes a job that never ran. One that did is kept, because its runs and recovery points belong to it.
 * @throws Failure `not-found`; `precondition`; `conflict` (`job.has-history`).
 */
export async function deleteJob(database: DataSource, jobId: string, expectedVersion: number): Promise<void> {
  await transaction(database, async (tx) => {
    const job = await readJob(tx, jobId);
    if (job.version !== expectedVersion) throw changedMeanwhile();
    // Whoever starts a run holds the job's row, so that none can begin meanwhile.
    await rows(tx, 'select id from jobs where id = $1 for update', [jobId]);
    const history = await rows(tx, 'select id from runs where job_id = $1 limit 1', [jobId]);
    if (history.length > 0) throw hasHistory(jobId);
    const deleted = await rows(tx, 'delete from jobs where id = $1 and version = $2 returning id', [
      jobId,
      expectedVersion,
    ]);
    if (deleted.length === 0) throw changedMeanwhile();
    await rows(tx, 'delete from lanes where id = $1', [jobId]);
  });
}

function hasHistory(jobId: string): Failure {
  return new Failure('conflict', {
    code: 'job.has-history',
    message: 'The job has run; its runs and recovery points belong to it, so it cannot be deleted yet.',
    hint: 'Do not start it any more; or rename it, or change what it protects.',
    retry: 'never',
    where: { jobId },
  });
}
