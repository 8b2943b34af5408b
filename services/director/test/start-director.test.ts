import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createDatabase,
  directorCredentials,
  startNats,
  startPostgres,
  type NatsServer,
  type PostgresServer,
} from '@backhaul/local-servers';
import { createLogger } from '@backhaul/telemetry';
import pg from 'pg';
import { readDirectorSettings } from '../src/settings.ts';
import { startDirector, type RunningDirector } from '../src/start-director.ts';

/** A Director in this process on real servers: what remains of a start that failed, and how it ends when servers are away. */

/** Docker, systemd and Kubernetes kill what has not ended 10 to 90 s after SIGTERM; the promise is 25 s. */
const ENDS_WITHIN_MS = 25_000;
const FAILS_WITHIN_MS = 10_000;

let postgres: PostgresServer;
let nats: NatsServer;
let folder: string;
let databaseUrl: string;
let logged: string[];

beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  folder = await mkdtemp(join(tmpdir(), 'backhaul-director-'));
});
beforeEach(async () => {
  databaseUrl = (await createDatabase(postgres)).url;
  logged = [];
});
afterAll(async () => {
  await Promise.all([postgres.stop(), nats.stop()]);
  await rm(folder, { recursive: true, force: true });
});

async function start(changes: Record<string, string> = {}): Promise<RunningDirector> {
  const settings = readDirectorSettings({
    DATABASE_URL: databaseUrl,
    NATS_URL: nats.url,
    BACKHAUL_NATS_CREDENTIALS: await directorCredentials(nats.authority),
    BACKHAUL_NATS_ACCOUNT_SEED: nats.authority.accountSigningSeed,
    BACKHAUL_KEY: Buffer.alloc(32, 7).toString('base64'),
    BACKHAUL_DATA_FOLDER: join(folder, 'director'),
    BACKHAUL_PORT: '0',
    BACKHAUL_LEASE_SECONDS: '4',
    ...changes,
  });
  return startDirector(
    settings,
    createLogger({ service: 'director', level: 'info', destination: { write: (line) => logged.push(line) } }),
  );
}

async function failureOf(starting: Promise<RunningDirector>): Promise<Record<string, unknown>> {
  const begun = performance.now();
  const failure: unknown = await starting.then(
    () => {
      throw new Error('It was to fail.');
    },
    (error: unknown) => error,
  );
  expect(performance.now() - begun).toBeLessThan(FAILS_WITHIN_MS);
  return failure as Record<string, unknown>;
}

async function closeTime(director: RunningDirector): Promise<number> {
  const begun = performance.now();
  await director.close();
  return performance.now() - begun;
}

async function inDatabase<Row>(statement: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(statement)).rows as Row[];
  } finally {
    await client.end();
  }
}

const connectionsLeft = () =>
  inDatabase(`select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`);

describe('A start that fails', () => {
  let occupant: Server;

  beforeAll(async () => {
    occupant = createServer();
    await new Promise<void>((resolve) => occupant.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => occupant.close(resolve)));

  test('because the port is taken says so, closes everything and gives up leadership', async () => {
    const { port } = occupant.address() as AddressInfo;
    expect(await failureOf(start({ BACKHAUL_PORT: String(port) }))).toMatchObject({
      code: 'director.port-in-use',
      message: `Another program listens on 127.0.0.1:${port}.`,
      hint: expect.stringContaining('BACKHAUL_PORT'),
    });
    expect(logged.join('')).not.toContain('left behind');
    expect(await connectionsLeft()).toEqual([]);
    expect(await inDatabase(`select from leader_heartbeat where beat_at > '-infinity'`)).toEqual([]);
  });

  test.each([
    ['seed', { BACKHAUL_NATS_ACCOUNT_SEED: `SA${'A'.repeat(56)}` }, 'BACKHAUL_NATS_ACCOUNT_SEED'],
    [
      'credentials',
      { BACKHAUL_NATS_CREDENTIALS: '-----BEGIN NATS USER JWT-----\nx.y.z\n------END NATS USER JWT------\n' },
      'BACKHAUL_NATS_CREDENTIALS',
    ],
  ])('for an unusable account %s touches nothing', async (_what, changes, field) => {
    expect(await failureOf(start(changes))).toMatchObject({ code: 'settings.invalid', where: { field } });
    expect(await inDatabase(`select from pg_tables where schemaname = 'public'`)).toEqual([]);
  });
});

describe('A Director that is told to stop', () => {
  test('does so at once when all is well', async () => {
    const director = await start();
    expect(await closeTime(director)).toBeLessThan(5_000);
    expect(await connectionsLeft()).toEqual([]);
  });

  const restore = async () => {
    await Promise.all([postgres.start(), nats.start()]);
  };

  test.each<[string, () => Promise<unknown>]>([
    ['PostgreSQL', () => postgres.kill()],
    ['nats-server', () => nats.kill()],
    ['both', () => Promise.all([postgres.kill(), nats.kill()])],
  ])(
    'ends in time while %s is down',
    async (_what, strike) => {
      const director = await start();
      try {
        await strike();
        expect(await closeTime(director)).toBeLessThan(ENDS_WITHIN_MS);
      } finally {
        await restore();
      }
    },
    60_000,
  );

  test('ends in time while nats-server is frozen', async () => {
    const { pid } = nats;
    if (pid === undefined) return;
    const director = await start();
    try {
      process.kill(pid, 'SIGSTOP');
      expect(await closeTime(director)).toBeLessThan(ENDS_WITHIN_MS);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  }, 60_000);
});
