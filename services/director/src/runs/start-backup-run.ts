import { randomUUID } from 'node:crypto';
import {
  Failure,
  KINDS_OF_ITEMS,
  type BackupWork,
  type ItemKind,
  type ObjectKind,
  type ProtectedObject,
} from '@backhaul/domain';
import type { DataSource, EntityManager } from 'typeorm';
import { rows, transaction, violatedConstraint } from '../database/statement.ts';
import { insertRun, type NewTask } from './insert-run.ts';
import type { BackupRunOptions, RunScope } from './run-options.ts';

export interface BackupRunRequest {
  jobId: string;
  scope: RunScope;
  /** Transfer everything again in this run, whatever the cursors say. */
  forceFull: boolean;
}

export interface StartedRun {
  runId: string;
  tasks: number;
}

/**
 * Starts a run of a job: an immutable copy of its options, and one queued task per object of the scope, in one transaction.
 * @throws Failure `not-found` for an unknown job, `conflict` while a run of it is active (`where.runId` names it),
 * `invalid-input` for a scope that is empty or names an object that the job does not protect.
 */
export async function startBackupRun(database: DataSource, request: BackupRunRequest): Promise<StartedRun> {
  try {
    return await transaction(database, (tx) => startInTransaction(tx, request));
  } catch (error) {
    // Two starts at the same instant: the index let one of them through.
    if (violatedConstraint(error) !== 'one_active_run_per_job') throw error;
    const active = await activeRunOf(database.manager, request.jobId);
    throw alreadyActive(request.jobId, active ?? 'unknown');
  }
}

async function startInTransaction(tx: EntityManager, request: BackupRunRequest): Promise<StartedRun> {
  const options = await copyOptions(tx, request);
  const active = await activeRunOf(tx, request.jobId);
  if (active !== null) throw alreadyActive(request.jobId, active);
  const objects = await objectsInScope(tx, request);
  const tasks = objects.map((object) => newTask(object, options));
  const runId = await insertRun(tx, { kind: 'backup', laneId: request.jobId, jobId: request.jobId, options, tasks });
  return { runId, tasks: tasks.length };
}

/** Reads the job under a share lock, so that a change of it is either in the copy as a whole or not at all. */
async function copyOptions(
  tx: EntityManager,
  { jobId, scope, forceFull }: BackupRunRequest,
): Promise<BackupRunOptions> {
  const [job] = await rows<Omit<BackupRunOptions, 'type' | 'scope' | 'forceFull'>>(
    tx,
    `select id as "jobId", name as "jobName", tenant_id as "tenantId", repository_id as "repositoryId",
            item_kinds as "itemKinds", include, change_tracking as "changeTracking"
       from jobs where id = $1 for share`,
    [jobId],
  );
  if (job === undefined) {
    throw new Failure('not-found', {
      code: 'job.not-found',
      message: 'There is no such job.',
      retry: 'never',
      where: { jobId },
    });
  }
  return { type: 'backup', ...job, scope, forceFull };
}

async function activeRunOf(tx: EntityManager, jobId: string): Promise<string | null> {
  const [run] = await rows<{ id: string }>(tx, `select id from runs where job_id = $1 and state <> 'ended'`, [jobId]);
  return run?.id ?? null;
}

async function objectsInScope(tx: EntityManager, { jobId, scope }: BackupRunRequest): Promise<ProtectedObject[]> {
  const wanted = scope.type === 'all' ? null : [...new Set(scope.objectIds)];
  const objects = await rows<ProtectedObject>(
    tx,
    `select o.id, o.tenant_id as "tenantId", o.kind, o.external_id as "externalId",
            o.display_name as "displayName", o.address
       from job_objects jo join protected_objects o on o.id = jo.object_id
      where jo.job_id = $1 and ($2::uuid[] is null or o.id = any ($2::uuid[]))
      order by o.display_name, o.id`,
    [jobId, wanted],
  );
  if (wanted !== null && objects.length < wanted.length) {
    const found = new Set(objects.map((object) => object.id));
    throw scopeFailure(`The job does not protect the object ${wanted.find((id) => !found.has(id)) ?? ''}.`);
  }
  if (objects.length === 0) throw scopeFailure('The scope is empty: there is nothing to back up.');
  return objects;
}

function newTask(object: ProtectedObject, options: BackupRunOptions): NewTask {
  const work: BackupWork = {
    type: 'backup',
    jobId: options.jobId,
    kinds: kindsOf(object.kind, options.itemKinds),
    include: options.include,
    changeTracking: options.changeTracking,
    forceFull: options.forceFull,
  };
  return { taskId: randomUUID(), object, repositoryId: options.repositoryId, work };
}

/** What is read of an object: of a mailbox what the job says, of others all there is. */
function kindsOf(object: ObjectKind, ofMailboxes: readonly ItemKind[]): ItemKind[] {
  return KINDS_OF_ITEMS[object].filter((kind) => object !== 'mailbox' || ofMailboxes.includes(kind));
}

function scopeFailure(message: string): Failure {
  return new Failure('invalid-input', {
    code: 'run.scope-invalid',
    message,
    hint: 'Choose objects that the job protects, or all of them.',
    retry: 'never',
    where: { field: 'scope' },
  });
}

function alreadyActive(jobId: string, runId: string): Failure {
  return new Failure('conflict', {
    code: 'run.already-active',
    message: 'A run of this job is active.',
    hint: 'Wait until it has ended, or stop it.',
    retry: 'later',
    where: { jobId, runId },
  });
}
