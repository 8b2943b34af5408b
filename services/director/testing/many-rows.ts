import { randomBytes, randomUUID } from 'node:crypto';
import { DEFAULT_BACKUP_EXTRAS, DEFAULT_CHANGE_TRACKING } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { rows } from '../src/database/statement.ts';
import type { Inventory } from './running-api.ts';

/** A list of the API and how rows of it come into being, at random places of its order. */
export interface ListOfRows {
  /** Below `/api/v1`, perhaps with filters. */
  path: string;
  /** Adds `count` rows; their ids as the list shows them. */
  add(count: number): Promise<string[]>;
}

/** Every list that is read from the database, by the id of its operation. */
export function listsOfRows(database: DataSource, inventory: Inventory): Record<string, ListOfRows> {
  const { tenantId, repositoryId, mailboxes } = inventory;
  const [objectId = ''] = mailboxes;
  const laneId = randomUUID();
  const runId = randomUUID();
  const jobId = randomUUID();
  const insert = async (sql: string, count: number, parameters: unknown[] = []) => {
    const made = await rows<{ id: string }>(database, sql, [count, ...parameters]);
    return made.map(({ id }) => id);
  };
  const once = lazily(async () => {
    await rows(database, `insert into lanes (id, kind, priority) values ($1, 'restore', 0)`, [laneId]);
    await rows(database, `${RUN} values ($1, 'restore', $2, '{}', 'ended', 'succeeded', now(), now(), 0)`, [
      runId,
      laneId,
    ]);
  });
  return {
    listJobs: {
      path: '/jobs',
      async add(count) {
        const lanes = await insert(
          `insert into lanes (id, kind, priority, task_limit) select ${ID}, 'job', 3, 3 from ${SERIES} returning id`,
          count,
        );
        await rows(
          database,
          `insert into jobs (id, name, name_folded, tenant_id, repository_id, change_tracking, item_kinds, include)
           select id, ${NAME}, ${NAME}, $2, $3, $4, '{mail}', $5 from unnest($1::uuid[]) as id`,
          [lanes, tenantId, repositoryId, DEFAULT_CHANGE_TRACKING, DEFAULT_BACKUP_EXTRAS],
        );
        return lanes;
      },
    },
    listRuns: {
      path: '/runs?kind=restore',
      async add(count) {
        await once();
        return insert(
          `${RUN} select ${ID}, 'restore', $2, '{}', 'ended', 'succeeded', ${PAST}, now(), 0 from ${SERIES} returning id`,
          count,
          [laneId],
        );
      },
    },
    listTasks: {
      path: `/runs/${runId}/tasks`,
      async add(count) {
        await once();
        return insert(
          `insert into tasks (id, run_id, lane_id, object_id, exclusive_key, repository_id, spec, state)
           select ${ID}, $2, $3, $4, ${NAME}, $5, '{}', 'queued' from ${SERIES} returning id`,
          count,
          [runId, laneId, objectId, repositoryId],
        );
      },
    },
    listInventory: {
      path: `/tenants/${tenantId}/inventory?kind=site`,
      add: (count) =>
        insert(
          `insert into protected_objects (id, tenant_id, kind, external_id, display_name, seen_at)
           select ${ID}, $2, 'site', ${NAME}, ${NAME}, now() from ${SERIES} returning id`,
          count,
          [tenantId],
        ),
    },
    listPoints: {
      path: `/objects/${objectId}/points`,
      add: (count) =>
        insert(
          `insert into points (repository_id, job_id, object_id, sequence, task_id, fence, status, kinds, created_at,
                               item_count, bytes_total, bytes_new)
           select $2, $3, $4, nextval('fence_sequence')::int, ${ID}, n, 'complete', '{mail}', ${PAST}, 1, 1, 1 from ${SERIES}
           returning concat_ws('.', job_id, object_id, sequence) as id`,
          count,
          [repositoryId, jobId, objectId],
        ),
    },
    listTokens: {
      path: '/tokens',
      add: (count) =>
        insert(
          `insert into api_tokens (id, name, token_hash, role, created_at, expires_at)
           select ${ID}, 'x', sha256((${NAME})::bytea), 'viewer', ${PAST}, now() from ${SERIES} returning id`,
          count,
        ),
    },
    listTenants: {
      path: '/tenants',
      add: (count) =>
        insert(
          `insert into tenants (id, name, name_folded, directory_id, client_id, login_url, graph_url, credential_type,
                                credential, credential_fingerprint, credential_set_at, preflight)
           select ${ID}, ${NAME}, ${NAME}, ${ID}, ${ID}, 'https://l', 'https://g', 'secret', '{}', 'x', now(),
                  '{"checkedAt": "2026-01-01T00:00:00Z", "roles": [], "missing": [], "excess": []}'
             from ${SERIES} returning id`,
          count,
        ),
    },
    listRepositories: {
      path: '/repositories',
      add: (count) =>
        insert(
          `insert into repositories (id, name, name_folded, location, location_key, keys)
           select ${ID}, ${NAME}, ${NAME}, '{"type": "disk", "folder": "/x"}', ${NAME}, '{}' from ${SERIES} returning id`,
          count,
        ),
    },
    listTransporters: {
      path: '/transporters',
      add: (count) =>
        insert(
          `insert into transporters (id, name, name_folded, nats_public_key, sealing_key)
           select ${ID}, ${NAME}, ${NAME}, ${NAME}, '{}' from ${SERIES} returning id`,
          count,
        ),
    },
  };
}

const RUN = 'insert into runs (id, kind, lane_id, options, state, outcome, started_at, ended_at, tasks_total)';
const SERIES = 'generate_series(1, $1::int) as n';
const ID = 'gen_random_uuid()';
/** Anywhere in the order of names, and never twice. */
const NAME = `'${randomBytes(2).toString('hex')} ' || gen_random_uuid()`;
/** Anywhere within the last day; several rows share an instant. */
const PAST = `date_trunc('minute', now() - random() * interval '1 day')`;

function lazily(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => (done ??= work());
}
