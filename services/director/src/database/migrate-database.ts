import { Failure } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { MIGRATIONS } from './migrations.ts';
import { oneRow, rows } from './statement.ts';

/** Any fixed number that nothing else in this database uses for an advisory lock. */
const MIGRATION_LOCK = 7_301_946_205;

/**
 * Brings the schema up to date. One process at a time does so, under an advisory lock that ends with its connection;
 * the others wait and find nothing left to do.
 * @throws Failure `unsupported-format` when the database has steps that this program does not know.
 */
export async function migrateDatabase(database: DataSource): Promise<void> {
  const guard = database.createQueryRunner();
  try {
    await guard.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await refuseNewerSchema(database);
    await database.runMigrations({ transaction: 'all' });
    await guard.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
  } finally {
    await guard.release();
  }
}

async function refuseNewerSchema(database: DataSource): Promise<void> {
  const { exists } = await oneRow<{ exists: boolean }>(
    database,
    `select to_regclass('migrations') is not null as exists`,
  );
  if (!exists) return;
  const known = MIGRATIONS.map((step) => step.name);
  const [unknown] = await rows<{ name: string }>(
    database,
    'select name from migrations where name <> all ($1::text[]) order by timestamp desc limit 1',
    [known],
  );
  if (unknown === undefined) return;
  throw new Failure('unsupported-format', {
    code: 'database.newer-than-program',
    message: `The database was changed by a newer program (step ${unknown.name}).`,
    hint: 'Start that newer version, or restore a database that this version made.',
    retry: 'never',
    where: { step: unknown.name },
  });
}
