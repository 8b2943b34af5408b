import type { DataSource, EntityManager } from 'typeorm';
import { QueryFailedError } from 'typeorm';

/** Where a statement runs: on any connection of the pool, or inside a transaction. */
export type Executor = DataSource | EntityManager;

/** Rows of one parameterized statement, whatever its kind (`returning` rows of an update included). */
export async function rows<Row>(on: Executor, sql: string, parameters: unknown[] = []): Promise<Row[]> {
  const raw: unknown = await on.query(sql, parameters);
  // TypeORM answers updates and deletes with the pair [rows, count].
  if (Array.isArray(raw) && Array.isArray(raw[0]) && typeof raw[1] === 'number') return raw[0] as Row[];
  return raw as Row[];
}

/** The one row of a statement that always yields one. */
export async function oneRow<Row>(on: Executor, sql: string, parameters: unknown[] = []): Promise<Row> {
  const [row] = await rows<Row>(on, sql, parameters);
  if (row === undefined) throw new Error('A statement that always yields a row yielded none.');
  return row;
}

const DEADLOCK = '40P01';
const TRANSACTION_TRIES = 3;

/**
 * Runs `work` in one transaction and repeats it when PostgreSQL chose it as the victim of a deadlock, so `work` must have
 * no effect outside the database. Lock in one order: runs by id, lanes by id, tasks by id.
 */
export async function transaction<Result>(
  database: DataSource,
  work: (tx: EntityManager) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database.transaction(work);
    } catch (error) {
      if (attempt >= TRANSACTION_TRIES || sqlState(error) !== DEADLOCK) throw error;
    }
  }
}

/** The five-letter SQLSTATE of a failed statement; null for anything else. */
export function sqlState(error: unknown): string | null {
  if (!(error instanceof QueryFailedError)) return null;
  const { code } = error.driverError as { code?: unknown };
  return typeof code === 'string' ? code : null;
}

/** The name of the constraint that refused a row; null for anything else. */
export function violatedConstraint(error: unknown): string | null {
  if (!(error instanceof QueryFailedError)) return null;
  const { constraint } = error.driverError as { constraint?: unknown };
  return typeof constraint === 'string' ? constraint : null;
}
