import { startPostgres } from '@backhaul/local-servers';

let server;

/** Before all test files of a run: one PostgreSQL for all of them; each takes databases of its own in it. */
export default async function startSharedPostgres() {
  server = await startPostgres();
  process.env.DIRECTOR_TEST_POSTGRES = server.url;
}

/** After all of them. */
export async function stopSharedPostgres() {
  await server?.stop();
}
