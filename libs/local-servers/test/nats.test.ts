import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createNatsAuthority,
  directorCredentials,
  type NatsServer,
  startNats,
  systemCredentials,
} from '../src/index.ts';

const EMBEDDED = { ...process.env, TEST_BACKEND: 'embedded', TEST_NATS_URL: undefined };

async function enter(server: NatsServer, credentials?: string): Promise<NatsConnection> {
  const text = credentials ?? (await directorCredentials(server.authority));
  return connect({
    servers: server.url,
    authenticator: credsAuthenticator(new TextEncoder().encode(text)),
    reconnect: false,
  });
}

/** Does the work with a connection of the Director's that is closed afterwards. */
async function asDirector<T>(server: NatsServer, work: (connection: NatsConnection) => Promise<T>): Promise<T> {
  const connection = await enter(server);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

const publish = (server: NatsServer, count: number) =>
  asDirector(server, async (connection) => {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'KEPT', subjects: ['kept.>'] });
    for (let i = 0; i < count; i += 1) await jetstream(connection).publish('kept.one', `message ${i}`);
  });

const streams = (server: NatsServer) =>
  asDirector(server, async (connection) => {
    const manager = await jetstreamManager(connection);
    const found = await manager.streams.list().next();
    return found.map(({ config, state }) => ({ name: config.name, messages: state.messages }));
  });

describe('an embedded nats-server', () => {
  const lines: string[] = [];
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNats({ env: EMBEDDED, log: (line) => lines.push(line) });
  });
  afterAll(() => server.stop());

  test('is new enough and says where it comes from', () => {
    const [major = 0, minor = 0] = server.version.split('.').map(Number);
    expect(major * 100 + minor).toBeGreaterThanOrEqual(212);
    expect(lines).toContain(`nats-server ${server.version} from provider "embedded"`);
  });

  test('has JetStream for the Director', async () => {
    await publish(server, 3);
    expect(await streams(server)).toEqual([{ name: 'KEPT', messages: 3 }]);
  });

  test('refuses whoever comes without credentials', async () => {
    await expect(connect({ servers: server.url, reconnect: false })).rejects.toThrow(/authorization/i);
  });

  test('refuses credentials that another authority signed', async () => {
    const foreign = await directorCredentials(await createNatsAuthority());
    await expect(enter(server, foreign)).rejects.toThrow(/authorization/i);
  });

  test('keeps the accounts apart: the system account sees the server, not the messages', async () => {
    const connection = await enter(server, await systemCredentials(server.authority));
    try {
      const reply = await connection.request('$SYS.REQ.SERVER.PING', '', { timeout: 2_000 });
      expect(reply.json()).toMatchObject({ server: { ver: server.version } });
      await expect(jetstreamManager(connection, { timeout: 300 })).rejects.toThrow();
    } finally {
      await connection.close();
    }
  });

  test('keeps what it acknowledged when it is killed with SIGKILL, on the same URL', async () => {
    const own = await startNats({ env: EMBEDDED });
    try {
      await publish(own, 50);
      const before = { url: own.url, pid: own.pid };
      await own.kill();
      expect(own.pid).toBeUndefined();
      await expect(enter(own)).rejects.toThrow();
      await own.start();
      expect(own.url).toBe(before.url);
      expect(own.pid).not.toBe(before.pid);
      expect(await streams(own)).toEqual([{ name: 'KEPT', messages: 50 }]);
      await own.restart();
      expect(await streams(own)).toEqual([{ name: 'KEPT', messages: 50 }]);
      await own.restart({ wipeStore: true });
      expect(await streams(own)).toEqual([]);
    } finally {
      await own.stop();
    }
  });

  test('runs beside another one with a store of its own', async () => {
    const other = await startNats({ env: EMBEDDED });
    try {
      await publish(server, 1);
      expect(await streams(other)).toEqual([]);
    } finally {
      await other.stop();
    }
  });

  test('says so when the port that was asked for is taken', async () => {
    const port = Number(new URL(server.url).port);
    await expect(startNats({ env: EMBEDDED, port })).rejects.toThrow(
      /did not start on port \d+[^]*address already in use/,
    );
  });

  test('can be given by its URL together with the authority that it trusts', async () => {
    const given = await startNats({ url: server.url, authority: server.authority, env: {} });
    expect(given).toMatchObject({ provider: 'given', version: server.version, pid: undefined });
    await expect(given.kill()).rejects.toThrow(/given by its URL/);
    await given.stop();
    expect(await streams(given)).toContainEqual(expect.objectContaining({ name: 'KEPT' }));
    await expect(startNats({ env: { TEST_NATS_URL: server.url } })).rejects.toThrow(/TEST_NATS_AUTHORITY/);
  });
});

test('a store folder keeps the messages for the next server', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'backhaul-test-'));
  const authority = await createNatsAuthority();
  try {
    const first = await startNats({ storeFolder: join(folder, 'nats'), authority, env: EMBEDDED });
    await publish(first, 2);
    await first.stop();
    const second = await startNats({ storeFolder: join(folder, 'nats'), authority, env: EMBEDDED });
    try {
      expect(await streams(second)).toEqual([{ name: 'KEPT', messages: 2 }]);
    } finally {
      await second.stop();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

const openssl = spawnSync('openssl', ['version']).status === 0; // makes the certificate
(openssl ? test : test.skip)('speaks TLS, and nothing else, when it has a certificate', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'backhaul-test-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  try {
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
      ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert],
    ]);
    expect(made.status).toBe(0);
    const tls = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
    const server = await startNats({ tls, env: EMBEDDED });
    try {
      expect(server.url).toMatch(/^tls:\/\/localhost:/);
      const authenticator = credsAuthenticator(new TextEncoder().encode(await directorCredentials(server.authority)));
      await expect(connect({ servers: server.url, authenticator, reconnect: false })).rejects.toThrow();
      const connection = await connect({ servers: server.url, authenticator, tls: { ca: tls.cert }, reconnect: false });
      await connection.flush();
      await connection.close();
    } finally {
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
