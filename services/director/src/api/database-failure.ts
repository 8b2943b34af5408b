import { Failure } from '@backhaul/domain';
import { sqlState } from '../database/statement.ts';

/** Node's names for a server that cannot be reached. */
const UNREACHABLE = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH']);

/** SQLSTATE classes of a server that is there but cannot work at the moment: connection, resources, operator, system. */
const UNAVAILABLE = /^(08|53|57|58)/;

/** An error of the database that says "not now", as a failure; null for any other. */
export function databaseFailure(error: unknown): Failure | null {
  const state = sqlState(error) ?? '';
  if (!UNAVAILABLE.test(state) && !causes(error).some(isUnreachable)) return null;
  return new Failure('unavailable', {
    code: 'database.unavailable',
    message: 'The database cannot be reached at the moment.',
    hint: 'Try again; if it stays so, look at PostgreSQL.',
    retry: 'later',
    retryAfterMs: 1_000,
    cause: error,
  });
}

function isUnreachable(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return (
    UNREACHABLE.has(code ?? '') ||
    /^(Connection terminated|timeout exceeded when trying to connect)/.test(error.message)
  );
}

/** An error with what lies below it: drivers wrap, and Node bundles the tries of several addresses. */
function causes(error: unknown): Error[] {
  if (!(error instanceof Error)) return [];
  const { driverError, errors } = error as { driverError?: unknown; errors?: unknown };
  const inner = [driverError, error.cause, ...(Array.isArray(errors) ? (errors as unknown[]) : [])];
  return [error, ...inner.filter((cause) => cause !== error).flatMap(causes)];
}
