import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The first schema. Words as in `@backhaul/domain`: a lane is what a limit on concurrent tasks applies to (a job, or a
 * restore); a running task holds one of the lane's slots and a fence that is never reused.
 *
 * Every transaction locks in one order: runs by id, lanes by id, tasks by id.
 */
export class FirstSchema1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  `create sequence fence_sequence as bigint minvalue 1`,
  `create sequence lease_incarnation_sequence as bigint minvalue 1`,

  // One row: who we are. key_check is a known text sealed with the host's key file, so that a wrong key is found at start.
  `create table installation (
    singleton boolean primary key default true check (singleton),
    id uuid not null,
    key_check jsonb not null,
    signing_key jsonb not null,
    created_at timestamptz not null default now()
  )`,

  // The dispatcher. Grants check the epoch with "for share"; the heartbeat lives in a row of its own.
  `create table leader (
    singleton boolean primary key default true check (singleton),
    epoch bigint not null,
    director_id uuid not null,
    since timestamptz not null default now()
  )`,
  `create table leader_heartbeat (
    singleton boolean primary key default true check (singleton),
    epoch bigint not null,
    beat_at timestamptz not null
  )`,

  // People and programs that may call the API. Only hashes of tokens are stored.
  `create table setup_tokens (
    token_hash bytea primary key,
    expires_at timestamptz not null,
    used_at timestamptz
  )`,
  `create table api_tokens (
    id uuid primary key,
    name text not null,
    token_hash bytea not null unique,
    role text not null check (role in ('admin', 'operator', 'viewer')),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz
  )`,
  `create table idempotency_keys (
    token_id uuid not null references api_tokens (id),
    key text not null,
    route text not null,
    fingerprint bytea not null,
    status integer,
    response jsonb,
    created_at timestamptz not null default now(),
    primary key (token_id, key)
  )`,

  `create table tenants (
    id uuid primary key,
    name text not null,
    name_folded text not null unique,
    directory_id text not null unique,
    client_id text not null,
    login_url text not null,
    graph_url text not null,
    credential_type text not null check (credential_type in ('secret', 'certificate')),
    credential jsonb not null,
    credential_fingerprint text not null,
    credential_set_at timestamptz not null,
    preflight jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1
  )`,
  `create table protected_objects (
    id uuid primary key,
    tenant_id uuid not null references tenants (id),
    kind text not null check (kind in ('mailbox', 'groupMailbox', 'oneDrive', 'site', 'team')),
    external_id text not null,
    display_name text not null,
    address text not null default '',
    attributes jsonb not null default '{}',
    seen_at timestamptz not null,
    gone_at timestamptz,
    unique (tenant_id, kind, external_id)
  )`,
  `create index protected_objects_by_name on protected_objects (tenant_id, kind, display_name, id)`,

  `create table repositories (
    id uuid primary key,
    name text not null,
    name_folded text not null unique,
    location jsonb not null,
    location_key text not null unique,
    keys jsonb not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1
  )`,

  // "boot" is the process start that gets offers; "twin_boot" another living process that claims the same id.
  `create table transporters (
    id uuid primary key,
    name text not null,
    name_folded text not null unique,
    nats_public_key text not null unique,
    sealing_key jsonb not null,
    enrolled_at timestamptz not null default now(),
    revoked_at timestamptz,
    last_seen_at timestamptz,
    boot text,
    slots integer,
    program_version text,
    draining boolean not null default false,
    twin_boot text,
    twin_seen_at timestamptz
  )`,
  `create table join_tokens (
    token_hash bytea primary key,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz,
    transporter_id uuid references transporters (id)
  )`,

  // Jobs and restores each own a lane; limit and priority there are live.
  `create table lanes (
    id uuid primary key,
    kind text not null check (kind in ('job', 'restore')),
    priority integer not null check (priority between 0 and 5),
    task_limit integer check (task_limit between 1 and 1000),
    paused boolean not null default false,
    created_at timestamptz not null default now()
  )`,
  `create table jobs (
    id uuid primary key references lanes (id),
    name text not null,
    name_folded text not null unique,
    tenant_id uuid not null references tenants (id),
    repository_id uuid not null references repositories (id),
    change_tracking jsonb not null,
    item_kinds text[] not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1
  )`,
  `create table job_objects (
    job_id uuid not null references jobs (id) on delete cascade,
    object_id uuid not null references protected_objects (id),
    primary key (job_id, object_id)
  )`,

  // A run is an immutable copy of its options. A restore is a run of its own.
  `create table runs (
    id uuid primary key,
    kind text not null check (kind in ('backup', 'restore')),
    lane_id uuid not null references lanes (id),
    job_id uuid references jobs (id),
    options jsonb not null,
    state text not null check (state in ('running', 'stopping', 'ended')),
    outcome text check (outcome in ('succeeded', 'warning', 'failed', 'cancelled')),
    started_at timestamptz not null default now(),
    ended_at timestamptz,
    tasks_total integer not null,
    tasks_ended integer not null default 0,
    check ((state = 'ended') = (outcome is not null and ended_at is not null))
  )`,
  `create index runs_newest on runs (started_at desc, id)`,
  `create unique index one_active_run_per_job on runs (job_id) where state <> 'ended' and job_id is not null`,

  // "cause" is why the last attempt did not end the task; "result" how the task ended. Progress changes often, hence the
  // free room in each page.
  `create table tasks (
    id uuid primary key,
    run_id uuid not null references runs (id),
    lane_id uuid not null references lanes (id),
    object_id uuid not null references protected_objects (id),
    exclusive_key text not null,
    repository_id uuid not null references repositories (id),
    spec jsonb not null,
    state text not null check (state in ('queued', 'running', 'succeeded', 'warning', 'failed', 'cancelled')),
    cancel_requested boolean not null default false,
    queued_at timestamptz not null default now(),
    not_before timestamptz,
    failures integer not null default 0,
    losses integer not null default 0,
    attempts integer not null default 0,
    slot integer,
    fence bigint,
    transporter_id uuid references transporters (id),
    boot text,
    started_at timestamptz,
    ended_at timestamptz,
    progress jsonb,
    result jsonb,
    cause jsonb,
    check ((state = 'running') = (slot is not null and fence is not null and transporter_id is not null and boot is not null))
  ) with (fillfactor = 70)`,
  `create unique index one_task_per_slot on tasks (lane_id, slot) where state = 'running'`,
  `create unique index one_task_per_object on tasks (exclusive_key) where state = 'running'`,
  `create index tasks_of_run on tasks (run_id, id)`,
  `create index tasks_queued on tasks (lane_id, queued_at, id) where state = 'queued'`,
  `create index tasks_open on tasks (lane_id) where state in ('queued', 'running')`,

  `create table attempts (
    fence bigint primary key,
    task_id uuid not null references tasks (id),
    transporter_id uuid not null references transporters (id),
    boot text not null,
    slot integer not null,
    granted_at timestamptz not null default now(),
    started_at timestamptz,
    ended_at timestamptz,
    outcome text check (outcome in ('succeeded', 'warning', 'failed', 'cancelled', 'yielded', 'refused', 'lost')),
    failure jsonb
  )`,
  `create index attempts_of_task on attempts (task_id, fence)`,

  // What the repositories hold, as a cache for listings.
  `create table points (
    repository_id uuid not null references repositories (id),
    job_id uuid not null,
    object_id uuid not null references protected_objects (id),
    sequence integer not null,
    task_id uuid not null,
    fence bigint not null,
    status text not null check (status in ('complete', 'incomplete')),
    kinds text[] not null,
    created_at timestamptz not null,
    item_count bigint not null,
    bytes_total bigint not null,
    bytes_new bigint not null,
    primary key (repository_id, job_id, object_id, sequence)
  )`,
  `create index points_of_object on points (object_id, created_at desc)`,
];

const DOWN = [
  ...[
    'points',
    'attempts',
    'tasks',
    'runs',
    'job_objects',
    'jobs',
    'lanes',
    'join_tokens',
    'transporters',
    'repositories',
    'protected_objects',
    'tenants',
    'idempotency_keys',
    'api_tokens',
    'setup_tokens',
    'leader_heartbeat',
    'leader',
    'installation',
  ].map((table) => `drop table ${table}`),
  `drop sequence lease_incarnation_sequence`,
  `drop sequence fence_sequence`,
];
