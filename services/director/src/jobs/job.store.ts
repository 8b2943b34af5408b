import {
  Failure,
  type BackupExtras,
  type ChangeTracking,
  type ItemKind,
  type Priority,
  type TransporterLoad,
} from '@backhaul/domain';
import { rows, violatedConstraint, type Executor } from '../database/statement.ts';

/** A job as it is stored; priority and load lie in its lane, because they are live. */
export interface JobRow {
  id: string;
  name: string;
  nameFolded: string;
  tenantId: string;
  repositoryId: string;
  priority: Priority;
  transporterLoad: TransporterLoad;
  changeTracking: ChangeTracking;
  /** Of each mailbox. */
  itemKinds: ItemKind[];
  include: BackupExtras;
  createdAt: Date;
  updatedAt: Date;
  version: number;
  /** How many objects it protects. */
  objectCount: number;
}

const SELECT = `select job.id, job.name, job.name_folded as "nameFolded", job.tenant_id as "tenantId",
    job.repository_id as "repositoryId", lane.priority, lane.task_limit as "transporterLoad",
    job.change_tracking as "changeTracking", job.item_kinds as "itemKinds", job.include, job.created_at as "createdAt",
    job.updated_at as "updatedAt", job.version,
    (select count(*)::int from job_objects where job_objects.job_id = job.id) as "objectCount"
  from jobs job join lanes lane on lane.id = job.id`;

/** Stores a job whose lane of the same id is there already. @throws Failure `conflict` when the name is taken. */
export async function insertJob(on: Executor, job: Omit<JobRow, 'objectCount'>): Promise<void> {
  await refusingTakenName(() =>
    rows(
      on,
      `insert into jobs (id, name, name_folded, tenant_id, repository_id, change_tracking, item_kinds, include, created_at,
         updated_at, version)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        job.id,
        job.name,
        job.nameFolded,
        job.tenantId,
        job.repositoryId,
        job.changeTracking,
        job.itemKinds,
        job.include,
        job.createdAt,
        job.updatedAt,
        job.version,
      ],
    ),
  );
}

/** Stores the changed job if it is still in the version before; false when it is not. */
export async function updateJobRow(on: Executor, job: JobRow): Promise<boolean> {
  const updated = await refusingTakenName(() =>
    rows(
      on,
      `update jobs set name = $2, name_folded = $3, repository_id = $4, change_tracking = $5, item_kinds = $6,
              include = $7, updated_at = $8, version = $9
        where id = $1 and version = $9 - 1 returning id`,
      [
        job.id,
        job.name,
        job.nameFolded,
        job.repositoryId,
        job.changeTracking,
        job.itemKinds,
        job.include,
        job.updatedAt,
        job.version,
      ],
    ),
  );
  return updated.length > 0;
}

/** Makes `objectIds` all that the job protects. */
export async function replaceJobObjects(on: Executor, jobId: string, objectIds: readonly string[]): Promise<void> {
  await rows(on, 'delete from job_objects where job_id = $1 and object_id <> all ($2::uuid[])', [jobId, objectIds]);
  await rows(on, 'insert into job_objects (job_id, object_id) select $1, unnest($2::uuid[]) on conflict do nothing', [
    jobId,
    objectIds,
  ]);
}

/** Ids of what a job protects, in order of the objects' names. */
export async function jobObjectIds(on: Executor, jobId: string): Promise<string[]> {
  const found = await rows<{ id: string }>(
    on,
    `select object.id from job_objects join protected_objects object on object.id = job_objects.object_id
      where job_objects.job_id = $1 order by object.display_name, object.id`,
    [jobId],
  );
  return found.map(({ id }) => id);
}

/** Jobs by name; one more than `limit` tells that there is a next page. */
export async function listJobs(on: Executor, after: readonly string[] | null, limit: number): Promise<JobRow[]> {
  return rows<JobRow>(
    on,
    `${SELECT} where ($1::text is null or (job.name_folded, job.id) > ($1, $2::uuid))
     order by job.name_folded, job.id limit $3`,
    [after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
}

/** @throws Failure `not-found`. */
export async function readJob(on: Executor, jobId: string): Promise<JobRow> {
  const [found] = await rows<JobRow>(on, `${SELECT} where job.id = $1`, [jobId]);
  if (found === undefined) throw jobNotFound(jobId);
  return found;
}

export function jobNotFound(jobId: string): Failure {
  return new Failure('not-found', {
    code: 'job.not-found',
    message: 'There is no such job.',
    hint: 'List the jobs to find its id.',
    retry: 'never',
    where: { jobId },
  });
}

async function refusingTakenName<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (violatedConstraint(error)?.includes('name_folded') !== true) throw error;
    throw new Failure('conflict', {
      code: 'job.name-taken',
      message: 'There is a job of this name.',
      hint: 'Choose another name; upper and lower case do not count.',
      retry: 'never',
      where: { field: 'name' },
    });
  }
}
