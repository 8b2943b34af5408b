import type { ItemKind } from '@backhaul/domain';
import { rows, type Executor } from '../database/statement.ts';
import { pointNotFound, type PointRef } from './point-id.ts';

/** What the database remembers of a recovery point; the repository holds the truth. */
export interface PointRow extends PointRef {
  repositoryId: string;
  /** The job's name now; null when it is gone. */
  jobName: string | null;
  status: 'complete' | 'incomplete';
  kinds: ItemKind[];
  createdAt: Date;
  itemCount: number;
  bytesTotal: number;
  bytesNew: number;
}

const COLUMNS = `point.job_id as "jobId", point.object_id as "objectId", point.sequence,
    point.repository_id as "repositoryId", job.name as "jobName", point.status, point.kinds,
    point.created_at as "createdAt", point.item_count::float8 as "itemCount",
    point.bytes_total::float8 as "bytesTotal", point.bytes_new::float8 as "bytesNew"`;
const FROM = 'from points point left join jobs job on job.id = point.job_id';

export interface PointFilter {
  objectId: string;
  jobId: string | null;
  /** (created at, job id, sequence) of the last entry of the page before. */
  after: readonly string[] | null;
  limit: number;
}

/** Points of an object, newest first; one more than `limit` tells that there is a next page. */
export async function listPoints(on: Executor, filter: PointFilter): Promise<(PointRow & { createdAtText: string })[]> {
  return rows(
    on,
    `select ${COLUMNS}, point.created_at::text as "createdAtText" ${FROM}
      where point.object_id = $1 and ($2::uuid is null or point.job_id = $2)
        and ($3::timestamptz is null or (point.created_at, point.job_id, point.sequence) < ($3::timestamptz, $4::uuid, $5::int))
      order by point.created_at desc, point.job_id desc, point.sequence desc limit $6`,
    [
      filter.objectId,
      filter.jobId,
      filter.after?.[0] ?? null,
      filter.after?.[1] ?? null,
      filter.after?.[2] ?? null,
      filter.limit + 1,
    ],
  );
}

/** @throws Failure `not-found`. */
export async function readPoint(on: Executor, { jobId, objectId, sequence }: PointRef): Promise<PointRow> {
  const [found] = await rows<PointRow>(
    on,
    `select ${COLUMNS} ${FROM} where point.job_id = $1 and point.object_id = $2 and point.sequence = $3`,
    [jobId, objectId, sequence],
  );
  if (found === undefined) throw pointNotFound();
  return found;
}
