import { Failure } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { rows } from '../database/statement.ts';
import type { RunOptions } from './run-options.ts';
import { startBackupRun, type StartedRun } from './start-backup-run.ts';
import { startRestoreRun } from './start-restore-run.ts';

/**
 * Starts a new run over those objects of an ended run that failed or were cancelled. A backup uses the job as it is now
 * (objects that it no longer protects are left out); a restore repeats its plan for these targets under the same restore
 * id, so that nothing is created twice.
 * @throws Failure `not-found`; `conflict` while the run, or another run of the job, is active; `invalid-input` when there
 * is nothing to retry.
 */
export async function retryFailed(database: DataSource, runId: string): Promise<StartedRun> {
  const run = await endedRun(database, runId);
  const objectIds = await failedObjects(database, runId, run.options);
  if (objectIds.length === 0) throw nothingToRetry(runId);
  if (run.options.type === 'backup') {
    const scope = { type: 'objects' as const, objectIds };
    return startBackupRun(database, { jobId: run.options.jobId, scope, forceFull: run.options.forceFull });
  }
  const failed = new Set(objectIds);
  const { plan } = run.options;
  return startRestoreRun(database, {
    plan: { ...plan, targets: plan.targets.filter((target) => failed.has(target.objectId)) },
  });
}

async function endedRun(database: DataSource, runId: string): Promise<{ options: RunOptions }> {
  const [run] = await rows<{ state: string; options: RunOptions }>(
    database,
    'select state, options from runs where id = $1',
    [runId],
  );
  if (run === undefined) {
    throw new Failure('not-found', {
      code: 'run.not-found',
      message: 'There is no such run.',
      retry: 'never',
      where: { runId },
    });
  }
  if (run.state !== 'ended') {
    throw new Failure('conflict', {
      code: 'run.not-ended',
      message: 'The run has not ended yet.',
      hint: 'Wait until it has ended, or stop it.',
      retry: 'later',
      where: { runId },
    });
  }
  return run;
}

async function failedObjects(database: DataSource, runId: string, options: RunOptions): Promise<string[]> {
  const jobId = options.type === 'backup' ? options.jobId : null;
  const found = await rows<{ objectId: string }>(
    database,
    `select object_id as "objectId" from tasks
      where run_id = $1 and state in ('failed', 'cancelled')
        and ($2::uuid is null or exists (
              select from job_objects where job_id = $2::uuid and job_objects.object_id = tasks.object_id))
      order by id`,
    [runId, jobId],
  );
  return found.map((row) => row.objectId);
}

function nothingToRetry(runId: string): Failure {
  return new Failure('invalid-input', {
    code: 'run.nothing-to-retry',
    message: 'No object of this run failed or was cancelled.',
    hint: 'Start a new run of the job instead.',
    retry: 'never',
    where: { field: 'runId', runId },
  });
}
