/**
 * Fetches and checks everything that tests, demo and evaluation need, so that nothing is downloaded later:
 * `node libs/local-servers/src/prepare.ts`. One line each; exit code 1 and what to do about it when something is missing.
 */
import { findNatsServer } from './nats-binary.ts';
import { createDatabase } from './database.ts';
import { startPostgres } from './postgres.ts';

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function preparePostgres(): Promise<void> {
  if (process.env['TEST_DATABASE_URL']) return say('PostgreSQL: TEST_DATABASE_URL is used');
  const server = await startPostgres();
  try {
    const database = await createDatabase(server);
    await database.drop();
    say(`PostgreSQL ${server.version} works (${server.provider})`);
  } finally {
    await server.stop();
  }
}

async function prepareNats(): Promise<void> {
  if (process.env['TEST_NATS_URL']) return say('nats-server: TEST_NATS_URL is used');
  if (process.env['TEST_BACKEND'] === 'containers') return say('nats-server: from a container');
  const { file, version } = await findNatsServer({ env: process.env, log: say });
  say(`nats-server ${version} is ready (${file})`);
}

try {
  await preparePostgres();
  await prepareNats();
} catch (error) {
  say((error as Error).message);
  process.exitCode = 1;
}
