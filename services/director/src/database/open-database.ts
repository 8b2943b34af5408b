import { Failure } from '@backhaul/domain';
import { DataSource, type EntitySchema, type MixedList } from 'typeorm';
import { migrateDatabase } from './migrate-database.ts';
import { MIGRATIONS } from './migrations.ts';
import { oneRow } from './statement.ts';

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database`; never printed. TLS as its `sslmode` says. */
  url: string;
  /** Entity classes of whoever wants to use TypeORM's own finders; default none. */
  entities?: MixedList<string | EntitySchema | (new () => object)>;
  /** Connections at most, one of them for notifications; default 10. */
  poolSize?: number;
  /** Shown in `pg_stat_activity`; default `backhaul-director`. */
  applicationName?: string;
  /** Told of connections that broke while idle; they are replaced by themselves. Default: nobody. */
  onIdleError?: (error: Error) => void;
}

/** The oldest PostgreSQL that is supported, as `server_version_num` has it. */
const OLDEST_SERVER = 150_000;

/** A transaction whose client went silent (frozen, cut off) holds its locks no longer than this. */
const IDLE_IN_TRANSACTION_MS = 5_000;

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Opens the database and brings its schema up to date; several processes may do so at once. The schema comes from
 * migrations alone.
 * @throws Failure `unreachable`, `unauthenticated`, `not-found` (no such database), `invalid-input` (bad URL),
 * `unsupported-format` (server too old, or a schema that is newer than this program).
 */
export async function openDatabase(options: DatabaseOptions): Promise<DataSource> {
  refuseBadUrl(options.url);
  const database = new DataSource({
    type: 'postgres',
    url: options.url,
    entities: options.entities ?? [],
    migrations: MIGRATIONS,
    synchronize: false,
    migrationsRun: false,
    installExtensions: false,
    logging: false,
    // Fences and counts stay far below 2^53.
    parseInt8: true,
    poolSize: options.poolSize ?? 10,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    applicationName: options.applicationName ?? 'backhaul-director',
    poolErrorHandler: options.onIdleError ?? (() => undefined),
    extra: { keepAlive: true, idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS },
  });
  try {
    await database.initialize();
  } catch (error) {
    throw connectFailure(error, options.url);
  }
  try {
    await refuseOldServer(database);
    await migrateDatabase(database);
    return database;
  } catch (error) {
    await database.destroy();
    throw error;
  }
}

function refuseBadUrl(url: string): void {
  const usable = URL.canParse(url) && ['postgres:', 'postgresql:'].includes(new URL(url).protocol);
  if (usable) return;
  throw new Failure('invalid-input', {
    code: 'database.url-invalid',
    message: 'The database URL is not valid.',
    hint: 'Write it as postgres://user:password@host:5432/database.',
    retry: 'never',
    where: { field: 'DATABASE_URL' },
  });
}

async function refuseOldServer(database: DataSource): Promise<void> {
  const { number, version } = await oneRow<{ number: number; version: string }>(
    database,
    `select current_setting('server_version_num')::integer as number, current_setting('server_version') as version`,
  );
  if (number >= OLDEST_SERVER) return;
  throw new Failure('unsupported-format', {
    code: 'database.server-too-old',
    message: `PostgreSQL ${version} is too old.`,
    hint: 'Use PostgreSQL 15 or newer.',
    retry: 'never',
    where: { version },
  });
}

/** Names host and database but never user or password. */
function connectFailure(error: unknown, url: string): Failure {
  const { host, pathname } = new URL(url);
  const where = { host, database: decodeURIComponent(pathname.slice(1)) };
  const state = (error as { code?: unknown }).code;
  if (state === '28P01' || state === '28000') {
    return new Failure('unauthenticated', {
      code: 'database.login-refused',
      message: `PostgreSQL at ${host} refuses the login.`,
      hint: 'Check user and password in DATABASE_URL, and the pg_hba.conf of the server.',
      retry: 'never',
      where,
      cause: error,
    });
  }
  if (state === '3D000') {
    return new Failure('not-found', {
      code: 'database.not-found',
      message: `PostgreSQL at ${host} has no database "${where.database}".`,
      hint: 'Create it, or correct DATABASE_URL.',
      retry: 'never',
      where,
      cause: error,
    });
  }
  return new Failure('unreachable', {
    code: 'database.unreachable',
    message: `PostgreSQL at ${host} cannot be reached.`,
    hint: 'Check that it runs and that DATABASE_URL names the right host and port.',
    retry: 'later',
    where,
    cause: error,
  });
}
