import { createDatabase, startPostgres } from '@backhaul/local-servers';
import type { DataSource } from 'typeorm';
import { openDatabase } from '../src/database/open-database.ts';

/** A real PostgreSQL for one test file. */
export interface TestPostgres {
  /** URL of an empty database of its own. */
  emptyDatabase(): Promise<string>;
  /** A second pool on the same database, as a second Director would have it. */
  open(url: string): Promise<DataSource>;
  /** A database of its own with the present schema. */
  openNew(): Promise<DataSource>;
  /** Closes everything that was opened and ends the server. */
  stop(): Promise<void>;
}

/** Starts PostgreSQL, or uses the given one; see `@backhaul/local-servers`. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const server = await startPostgres();
  const opened: DataSource[] = [];
  const dropped: (() => Promise<void>)[] = [];
  const emptyDatabase = async () => {
    const database = await createDatabase(server);
    dropped.push(() => database.drop());
    return database.url;
  };
  const open = async (url: string) => {
    const database = await openDatabase({ url, poolSize: 6 });
    opened.push(database);
    return database;
  };
  return {
    emptyDatabase,
    open,
    openNew: async () => open(await emptyDatabase()),
    stop: async () => {
      for (const database of opened) if (database.isInitialized) await database.destroy();
      for (const drop of dropped) await drop();
      await server.stop();
    },
  };
}
