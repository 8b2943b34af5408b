import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, type PostgresServer, startPostgres } from '../src/index.ts';
import { type SqlClient, withConnection } from '../src/sql.ts';

const EMBEDDED = { TEST_BACKEND: 'embedded', PATH: process.env['PATH'], HOME: process.env['HOME'] };

async function valuesIn(url: string): Promise<unknown[]> {
  const { rows } = await withConnection(url, (client) => client.query('SELECT value FROM kept ORDER BY value'));
  return rows.map((row) => row['value']);
}

async function keep(url: string, value: number): Promise<void> {
  await withConnection(url, async (client) => {
    await client.query('CREATE TABLE IF NOT EXISTS kept (value int)');
    await client.query('INSERT INTO kept VALUES ($1)', [value]);
  });
}

describe('an embedded PostgreSQL', () => {
  const lines: string[] = [];
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres({ env: EMBEDDED, log: (line) => lines.push(line) });
  });
  afterAll(() => server.stop());

  test('is new enough, answers on 127.0.0.1 only, and says where it comes from', async () => {
    expect(Number(server.version.split('.')[0])).toBeGreaterThanOrEqual(15);
    expect(new URL(server.url).hostname).toBe('127.0.0.1');
    const { rows } = await withConnection(server.url, (client) => client.query('SHOW listen_addresses'));
    expect(rows).toEqual([{ listen_addresses: '127.0.0.1' }]);
    expect(lines).toContain(`PostgreSQL ${server.version} from provider "embedded"`);
  });

  test('lets nobody in without the password', async () => {
    const url = new URL(server.url);
    url.password = 'guessed';
    await expect(withConnection(url.href, (client) => client.query('SELECT 1'))).rejects.toThrow(/password/);
  });

  test('knows upper and lower case of all letters, whatever the locale of the machine', async () => {
    const { rows } = await withConnection(server.url, (client) => client.query("SELECT lower('ÄÖÜ Σ') AS lower"));
    expect(rows).toEqual([{ lower: 'äöü σ' }]);
  });

  test('gives every caller a database of its own, and drops one that is still in use', async () => {
    const [first, second] = await Promise.all([createDatabase(server), createDatabase(server)]);
    expect(first.name).not.toBe(second.name);
    await keep(first.url, 1);
    await expect(valuesIn(second.url)).rejects.toThrow(/"kept" does not exist/);
    await withConnection(first.url, async (client: SqlClient) => {
      await client.query('SELECT 1');
      await first.drop();
      await expect(client.query('SELECT 1')).rejects.toThrow();
    });
    await expect(valuesIn(first.url)).rejects.toThrow(/does not exist/);
    await second.drop();
  });

  test('keeps what was committed when it is killed with SIGKILL, on the same URL', async () => {
    const database = await createDatabase(server);
    const urlBefore = server.url;
    for (let round = 1; round <= 3; round += 1) {
      await keep(database.url, round);
      const pidBefore = server.pid;
      await withConnection(database.url, async (client) => {
        const busy = client.query('SELECT pg_sleep(60)');
        await server.kill();
        await expect(busy).rejects.toThrow();
      });
      expect(server.pid).toBeUndefined();
      await expect(valuesIn(database.url)).rejects.toThrow(/ECONNREFUSED/);
      await server.start();
      expect(server.pid).not.toBe(pidBefore);
    }
    expect(await valuesIn(database.url)).toEqual([1, 2, 3]);
    expect(server.url).toBe(urlBefore);
    await database.drop();
  });

  test('comes back from an orderly restart, and starting a running one does nothing', async () => {
    const database = await createDatabase(server);
    await keep(database.url, 7);
    await server.restart();
    const pid = server.pid;
    await server.start();
    expect(server.pid).toBe(pid);
    expect(await valuesIn(database.url)).toEqual([7]);
    await database.drop();
  });

  test('runs beside another one', async () => {
    const other = await startPostgres({ env: EMBEDDED });
    try {
      expect(new URL(other.url).port).not.toBe(new URL(server.url).port);
      await keep(other.url, 1);
      await expect(valuesIn(server.url)).rejects.toThrow(/"kept" does not exist/);
    } finally {
      await other.stop();
    }
  });

  test('says so when the port that was asked for is taken', async () => {
    const port = Number(new URL(server.url).port);
    await expect(startPostgres({ env: EMBEDDED, port })).rejects.toThrow(
      /did not start on port \d+[^]*Address already in use/,
    );
  });

  test('can be given by its URL; then it is not ours to kill', async () => {
    const given = await startPostgres({ env: { TEST_DATABASE_URL: server.url } });
    expect(given).toMatchObject({ provider: 'given', version: server.version, pid: undefined });
    await expect(given.kill()).rejects.toThrow(/given by its URL/);
    await given.stop();
    expect((await withConnection(server.url, (client) => client.query('SELECT 1 AS one'))).rows).toEqual([{ one: 1 }]);
  });

  test('a given URL where nobody answers is reported as such', async () => {
    const url = 'postgresql://postgres@127.0.0.1:1/postgres';
    await expect(startPostgres({ url, env: {} })).rejects.toThrow(/PostgreSQL does not answer: .*ECONNREFUSED/);
  });
});

describe('a data folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'backhaul-test-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('keeps the data for the next server, which is as durable as PostgreSQL can be', async () => {
    await chmod(folder, 0o755);
    const first = await startPostgres({ dataFolder: join(folder, 'db'), env: EMBEDDED });
    await keep(first.url, 1);
    await first.stop();
    const second = await startPostgres({ dataFolder: join(folder, 'db'), env: EMBEDDED });
    try {
      expect(await valuesIn(second.url)).toEqual([1]);
      const { rows } = await withConnection(second.url, (client) => client.query('SHOW fsync'));
      expect(rows).toEqual([{ fsync: 'on' }]);
    } finally {
      await second.stop();
    }
  });

  const whenRoot = process.getuid?.() === 0 ? test : test.skip; // only root's servers run as somebody else
  whenRoot('that the servers’ account cannot enter is refused with the remedy', async () => {
    await expect(startPostgres({ dataFolder: join(folder, 'db'), env: EMBEDDED })).rejects.toThrow(
      new RegExp(`may not enter ${folder}.*chmod o\\+x ${folder}$`),
    );
  });
});
