// Run as another user by server-account.test.ts: starts both servers, uses them, stops them, tells what it saw.
import { createDatabase, startNats, startPostgres } from '../src/index.ts';
import { natsGreeting } from '../src/nats-greeting.ts';
import { withConnection } from '../src/sql.ts';

const postgres = await startPostgres();
const database = await createDatabase(postgres);
const { rows } = await withConnection(database.url, (client) => client.query('SELECT 42 AS answer'));
const nats = await startNats();
const greeting = await natsGreeting('127.0.0.1', Number(new URL(nats.url).port));
await nats.stop();
await postgres.stop();
const seen = { uid: process.getuid?.(), postgres: rows, nats: greeting?.version === nats.version };
process.stdout.write(JSON.stringify(seen));
