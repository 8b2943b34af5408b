import { statfs } from 'node:fs/promises';
import { rows, type Executor } from '../database/statement.ts';
import type { RepositoryRow } from './repository.store.ts';

/** How full a repository is and what it protects. */
export interface RepositoryStats {
  points: number;
  objects: number;
  /** Bytes of content that the newest points of all objects hold, before deduplication. */
  contentBytes: number;
  /** Bytes that all points together added to the store. */
  storedBytes: number;
  newestPointAt: Date | null;
  /** Bytes free on its disk; null when it cannot be told. */
  freeBytes: number | null;
}

/** Counted from the Director's own records; the disk is asked only for its free space. */
export async function repositoryStats(on: Executor, repository: RepositoryRow): Promise<RepositoryStats> {
  const [counted] = await rows<Omit<RepositoryStats, 'freeBytes'>>(
    on,
    `with newest as (
       select distinct on (job_id, object_id) bytes_total from points
        where repository_id = $1 order by job_id, object_id, sequence desc)
     select count(*)::int as points, count(distinct object_id)::int as objects,
            coalesce(sum(bytes_new), 0)::float8 as "storedBytes", max(created_at) as "newestPointAt",
            (select coalesce(sum(bytes_total), 0)::float8 from newest) as "contentBytes"
       from points where repository_id = $1`,
    [repository.id],
  );
  if (counted === undefined) throw new Error('An aggregate without a row.');
  const disk = await statfs(repository.location.folder).catch(() => null);
  return { ...counted, freeBytes: disk === null ? null : disk.bavail * disk.bsize };
}
