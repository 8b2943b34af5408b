import { randomBytes } from 'node:crypto';
import { withConnection } from './sql.ts';

/** An empty database of its own, for one test file. */
export interface TestDatabase {
  /** Connection URL with every right in this database. */
  readonly url: string;
  readonly name: string;
  /** Removes it, closing whatever connections are still open. */
  drop(): Promise<void>;
}

/** Makes an empty database with a name that was never used before; takes some tens of milliseconds. */
export async function createDatabase(server: { url: string }): Promise<TestDatabase> {
  const name = `backhaul_${randomBytes(6).toString('hex')}`;
  // A name cannot be bound as a parameter; it is our own, and escaped all the same.
  await withConnection(server.url, (client) => client.query('CREATE DATABASE ' + client.escapeIdentifier(name)));
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    name,
    async drop() {
      await withConnection(server.url, (client) =>
        client.query('DROP DATABASE IF EXISTS ' + client.escapeIdentifier(name) + ' WITH (FORCE)'),
      );
    },
  };
}
