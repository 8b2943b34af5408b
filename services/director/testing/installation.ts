import { randomBytes, randomUUID } from 'node:crypto';
import {
  DEFAULT_BACKUP_EXTRAS,
  DEFAULT_CHANGE_TRACKING,
  noCounts,
  type PointSummary,
  type Priority,
  type TaskResult,
  type TransporterLoad,
} from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { rows } from '../src/database/statement.ts';
import { grantTasks, type Grant } from '../src/grants/grant.store.ts';
import { createLane } from '../src/lanes/lane.store.ts';
import { beat, takeOver, type Epoch } from '../src/leadership/leader.store.ts';
import { startBackupRun, type StartedRun } from '../src/runs/start-backup-run.ts';

/** What a test of dispatch needs to exist; every builder gives a valid thing, the test names what matters. */
export class Installation {
  readonly database: DataSource;
  readonly tenantId = randomUUID();
  readonly repositoryId = randomUUID();

  private constructor(database: DataSource) {
    this.database = database;
  }

  /** A tenant and a repository, nothing else. */
  static async create(database: DataSource): Promise<Installation> {
    const installation = new Installation(database);
    await rows(
      database,
      `insert into tenants (id, name, name_folded, directory_id, client_id, login_url, graph_url, credential_type,
                            credential, credential_fingerprint, credential_set_at)
       values ($1, 'Contoso', 'contoso', $2, 'client', 'https://login', 'https://graph', 'secret', '{}', '', now())`,
      [installation.tenantId, randomUUID()],
    );
    await rows(
      database,
      `insert into repositories (id, name, name_folded, location, location_key, keys) values ($1, 'R', 'r', '{}', 'r', '{}')`,
      [installation.repositoryId],
    );
    return installation;
  }

  /** Mailboxes in the inventory; their ids. */
  async mailboxes(count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, () => randomUUID());
    await rows(
      this.database,
      `insert into protected_objects (id, tenant_id, kind, external_id, display_name, address, seen_at)
       select id, $1, 'mailbox', id::text, 'Mailbox ' || n, 'm' || n || '@contoso.test', now()
         from unnest($2::uuid[]) with ordinality as mailbox (id, n)`,
      [this.tenantId, ids],
    );
    return ids;
  }

  /** A job over the given mailboxes, or over as many new ones. */
  async job(options: { mailboxes: string[] | number; limit?: TransporterLoad; priority?: Priority }): Promise<string> {
    const jobId = randomUUID();
    const { mailboxes, limit = 3, priority = 3 } = options;
    const objects = typeof mailboxes === 'number' ? await this.mailboxes(mailboxes) : mailboxes;
    await createLane(this.database, { laneId: jobId, kind: 'job', priority, limit, paused: false });
    await rows(
      this.database,
      `insert into jobs (id, name, name_folded, tenant_id, repository_id, change_tracking, item_kinds, include)
       values ($1, $2, $2, $3, $4, $5, '{mail}', $6)`,
      [jobId, `job ${jobId}`, this.tenantId, this.repositoryId, DEFAULT_CHANGE_TRACKING, DEFAULT_BACKUP_EXTRAS],
    );
    await rows(this.database, 'insert into job_objects (job_id, object_id) select $1, unnest($2::uuid[])', [
      jobId,
      objects,
    ]);
    return jobId;
  }

  /** A run over all objects of a job. */
  start(jobId: string): Promise<StartedRun> {
    return startBackupRun(this.database, { jobId, scope: { type: 'all' }, forceFull: false });
  }

  /** An enrolled Transporter. */
  async transporter(name = `transporter ${randomBytes(4).toString('hex')}`): Promise<string> {
    const transporterId = randomUUID();
    await rows(
      this.database,
      `insert into transporters (id, name, name_folded, nats_public_key, sealing_key) values ($1, $2, $2, $3, '{}')`,
      [transporterId, name, `U${transporterId}`],
    );
    return transporterId;
  }

  /** Leadership for a test that grants by itself. */
  async epoch(): Promise<Epoch> {
    const epoch = await takeOver(this.database, { directorId: randomUUID(), silenceMs: 0 });
    if (epoch === null || !(await beat(this.database, epoch))) throw new Error('Nobody else should dispatch here.');
    return epoch;
  }

  /** Grants queued tasks of a lane, at most `count`, as a scheduler would; only those that were granted. */
  async grant(options: { epoch: Epoch; laneId: string; transporterId: string; count: number }): Promise<Grant[]> {
    const { epoch, laneId, transporterId, count } = options;
    const queued = await rows<{ taskId: string }>(
      this.database,
      `select id as "taskId" from tasks where lane_id = $1 and state = 'queued' order by queued_at, id limit $2`,
      [laneId, count],
    );
    const wishes = queued.map(({ taskId }) => ({ taskId, laneId, transporterId, boot: 'boot-1' }));
    const answers = await grantTasks(this.database, epoch, wishes);
    return answers.flatMap(({ granted }) => (granted === null ? [] : [granted]));
  }
}

/** The result of a backup that went well, with its point; the test changes what matters. */
export function backupResult(grant: Grant, changes: Partial<TaskResult> = {}): TaskResult {
  return {
    taskId: grant.taskId,
    fence: grant.fence,
    outcome: 'succeeded',
    counts: { ...noCounts(), itemsTotal: 10, itemsNew: 10, bytesRead: 1_000, bytesStored: 400 },
    issues: [],
    point: pointOf(grant),
    ...changes,
  };
}

/** The point that an attempt commits. */
export function pointOf({ spec, fence }: Grant, sequence = 1): PointSummary {
  return {
    jobId: spec.work.type === 'backup' ? spec.work.jobId : '',
    objectId: spec.object.id,
    sequence,
    fence,
    status: 'complete',
    kinds: ['mail'],
    createdAt: '2026-01-01T00:00:00.000Z',
    itemCount: 10,
    bytesTotal: 1_000,
    bytesNew: 400,
  };
}
