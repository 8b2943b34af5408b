import { createServer, type Server } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { isFailure, Secret } from '@backhaul/domain';
import { connectNats, dispatchNames } from '../src/index.ts';
import { judgeServer } from '../src/nats/connect.ts';

describe('a NATS server', () => {
  test.each([
    ['2.15.1', true, 'good'],
    ['2.12.0', true, 'good'],
    ['3.0.0', true, 'good'],
    ['2.12.0-RC.1', true, 'good'],
    ['2.11.9', true, 'old'],
    ['2.10.0', true, 'old'],
    ['2.9.25', true, 'refused'],
    ['1.4.1', true, 'refused'],
    ['', true, 'refused'],
    ['2.15.1', false, 'refused'],
  ])('of version %j, JetStream %s: %s', (version, jetstream, verdict) => {
    expect(judgeServer(version, jetstream).verdict).toBe(verdict);
  });

  // No real server of these kinds can be had everywhere; the greeting is all that counts here.
  test.each([
    ['older than 2.10', { version: '2.9.25', jetstream: true }, 'dispatch.server-too-old'],
    ['without JetStream', { version: '2.15.1' }, 'dispatch.jetstream-missing'],
  ])('%s is refused at the connection, with what to do', async (_what, info, code) => {
    const { url, close } = await serverThatSays(info);
    const failure = await failureOf(connectNats({ servers: url, name: 'test', inboxPrefix: inbox }));
    await close();
    expect(failure.code).toBe(code);
    expect(failure.hint).toMatch(/nats-server/);
  });

  test('older than 2.12 works with a warning', async () => {
    const { url, close } = await serverThatSays({ version: '2.11.4', jetstream: true });
    const warnings: string[] = [];
    const warn = (message: string) => warnings.push(message);
    const connection = await connectNats({ servers: url, name: 'test', inboxPrefix: inbox, warn });
    await connection.close();
    await close();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/2\.11\.4.*2\.12/);
  });

  test('that is not there is named', async () => {
    const { url, close } = await serverThatSays({});
    await close();
    const failure = await failureOf(connectNats({ servers: url, name: 'test', inboxPrefix: inbox }));
    expect(failure.kind).toBe('unreachable');
    expect(failure.where['url']).toBe(url);
  });

  test('is not even asked with credentials that are none, and they are not quoted', async () => {
    const { url, close } = await serverThatSays({ version: '2.15.1', jetstream: true });
    const credentials = new Secret('SUnot-credentials');
    const failure = await failureOf(connectNats({ servers: url, name: 'test', inboxPrefix: inbox, credentials }));
    await close();
    expect(failure.code).toBe('dispatch.nats-credentials-unreadable');
    expect(JSON.stringify([failure.message, failure.hint, failure.where, String(failure.cause)])).not.toContain(
      'SUnot',
    );
  });
});

const inbox = dispatchNames('main').inbox('north');

/** A server that greets like nats-server and answers pings. */
async function serverThatSays(info: Record<string, unknown>): Promise<{ url: string; close: () => Promise<void> }> {
  const greeting = {
    server_id: 'x',
    server_name: 'x',
    go: 'x',
    host: 'x',
    port: 1,
    proto: 1,
    headers: true,
    max_payload: 1,
  };
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      if (data.includes('PING')) socket.write('PONG\r\n');
    });
    socket.write(`INFO ${JSON.stringify({ ...greeting, ...info })}\r\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { url: `nats://127.0.0.1:${port}`, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

async function failureOf(connecting: Promise<unknown>) {
  const failure: unknown = await connecting.then(
    () => null,
    (error: unknown) => error,
  );
  if (isFailure(failure)) return failure;
  throw new Error(`Not refused as it should be: ${String(failure)}`);
}
