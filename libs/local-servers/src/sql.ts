import { createRequire } from 'node:module';

/** The part of the `pg` client that is used here; the package brings no types of its own. */
export interface SqlClient {
  connect(): Promise<void>;
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  end(): Promise<void>;
  escapeIdentifier(name: string): string;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

interface PgModule {
  Client: new (options: { connectionString: string; connectionTimeoutMillis: number }) => SqlClient;
}

const pg = createRequire(import.meta.url)('pg') as PgModule;

/** Opens one connection, does the work, closes it. */
export async function withConnection<T>(url: string, work: (client: SqlClient) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // A connection that breaks fails the query at hand; without a listener it would end the process as well.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
