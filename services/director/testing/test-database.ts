import { createDatabase, startPostgres } from '@backhaul/local-servers';
import type { DataSource } from 'typeorm';
import { openDatabase } from '../src/database/open-database.ts';
import { rows } from '../src/database/statement.ts';

/** A real PostgreSQL, as one test file sees it. */
export interface TestPostgres {
  /** URL of a new database without any table. */
  emptyDatabase(): Promise<string>;
  /** A pool of its own on a database, as another Director would have it. */
  open(url: string): Promise<DataSource>;
  /** A database with the present schema and no rows: the same one each time, emptied. */
  fresh(): Promise<DataSource>;
  /** Another pool on the database that `fresh` gives. */
  another(): Promise<DataSource>;
  /** Closes everything that was opened and ends the server. */
  stop(): Promise<void>;
}

/** The PostgreSQL of this run of tests (see `shared-postgres.mjs`) for one file; outside of jest one of its own. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const url = process.env['DIRECTOR_TEST_POSTGRES'];
  const server = await startPostgres(url === undefined ? {} : { url });
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
  const freshUrl = await emptyDatabase();
  const database = await open(freshUrl);
  return {
    emptyDatabase,
    open,
    fresh: async () => {
      await emptyAllTables(database);
      return database;
    },
    another: () => open(freshUrl),
    stop: async () => {
      for (const pool of opened) if (pool.isInitialized) await pool.destroy();
      for (const drop of dropped) await drop();
      await server.stop();
    },
  };
}

/** Much quicker than a new database per test. */
async function emptyAllTables(database: DataSource): Promise<void> {
  await rows(
    database,
    `do $$
     begin
       execute (select 'truncate ' || string_agg(quote_ident(tablename), ', ') from pg_tables
                 where schemaname = 'public' and tablename <> 'migrations');
       perform setval(format('%I', sequencename)::regclass, 1, false) from pg_sequences
         where schemaname = 'public' and sequencename <> 'migrations_id_seq';
     end $$`,
  );
}
