import { randomUUID } from 'node:crypto';
import { foldName, type Clock } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { InvalidRequest, type FieldError } from '../api/invalid-request.ts';
import { rows, transaction, type Executor } from '../database/statement.ts';
import { findObjects } from '../inventory/protected-object.store.ts';
import { createLane } from '../lanes/lane.store.ts';
import type { NewJob } from './job-request.ts';
import { selectionErrors } from './job-selection.ts';
import { insertJob, readJob, replaceJobObjects, type JobRow } from './job.store.ts';

/**
 * Stores a job with its lane and its objects, all or nothing.
 * @throws InvalidRequest for an unknown tenant, repository or object; Failure `conflict` when the name is taken.
 */
export async function createJob(database: DataSource, clock: Clock, wanted: NewJob): Promise<JobRow> {
  return transaction(database, async (tx) => {
    await refuseBadReferences(tx, wanted);
    const id = randomUUID();
    const now = clock.now();
    const { priority, transporterLoad } = wanted;
    await createLane(tx, { laneId: id, kind: 'job', priority, limit: transporterLoad, paused: false });
    await insertJob(tx, {
      ...wanted,
      id,
      nameFolded: foldName(wanted.name),
      createdAt: now,
      updatedAt: now,
      version: 1,
    });
    await replaceJobObjects(tx, id, wanted.objectIds);
    return readJob(tx, id);
  });
}

/** Everything that a job refers to is there and fits; all problems are told together. */
export async function refuseBadReferences(
  on: Executor,
  job: { tenantId: string; repositoryId?: string | undefined; objectIds?: readonly string[] | undefined },
): Promise<void> {
  const errors: FieldError[] = [];
  if (!(await exists(on, 'select id from tenants where id = $1', job.tenantId))) {
    errors.push({ pointer: '/tenantId', code: 'tenant-unknown', message: 'is not the id of a tenant connection.' });
  }
  if (
    job.repositoryId !== undefined &&
    !(await exists(on, 'select id from repositories where id = $1', job.repositoryId))
  ) {
    errors.push({ pointer: '/repositoryId', code: 'repository-unknown', message: 'is not the id of a repository.' });
  }
  if (job.objectIds !== undefined && errors.length === 0) {
    const known = new Map((await findObjects(on, job.objectIds)).map((object) => [object.id, object]));
    errors.push(...selectionErrors(job.objectIds, job.tenantId, known));
  }
  if (errors.length > 0) throw new InvalidRequest(errors);
}

async function exists(on: Executor, sql: string, id: string): Promise<boolean> {
  return (await rows(on, sql, [id])).length > 0;
}
