import { gzipSync } from 'node:zlib';
import { Failure, Secret } from '@backhaul/domain';
import { failureOf } from '@backhaul/engine/testing';
import { describe, expect, test } from '@jest/globals';
import { createTransport, type Transport } from '../src/index.ts';
import { ok, refuse, scriptedGraph } from './scripted-graph.ts';
import type { Arrival } from './scripted-server.ts';

const MAILBOX = 'mailbox-1';
const graphs = scriptedGraph();

describe('a request', () => {
  test('says who sends it, for which task, and asks for gzip', async () => {
    graphs.answerInTurn(ok());
    const graph = graphs.open();
    await graph.json({ path: '/organization', prefer: ['a', 'b'] });
    await graph.json({ path: '/organization' });
    const [first, second] = graphs.server.arrivals;
    expect(first?.url).toBe('/v1.0/organization');
    expect(first?.headers).toMatchObject({
      authorization: 'Bearer token-1',
      'user-agent': 'NONISV|Backhaul|Backhaul/0.1.0',
      'client-request-id': 'task-7.1',
      'accept-encoding': 'gzip',
      prefer: 'a, b',
    });
    expect(second?.headers['client-request-id']).toBe('task-7.2');
  });

  test('is answered with gzip or without', async () => {
    const json = JSON.stringify({ id: 'ä'.repeat(100) });
    graphs.answerInTurn((a) =>
      a.reply(200, gzipSync(json), { 'content-type': 'application/json', 'content-encoding': 'gzip' }),
    );
    const graph = graphs.open();
    expect(await graph.json({ path: '/me' })).toEqual(JSON.parse(json));
    expect(graph.counters.bytesReceived).toBeLessThan(json.length);
  });

  test('survives raw control characters in an answer', async () => {
    graphs.answerInTurn((a) =>
      a.reply(200, '{"subject":"a\u0001b\nc\\"","n":\n1}', { 'content-type': 'application/json' }),
    );
    expect(await graphs.open().json({ path: '/me' })).toEqual({ subject: 'a\u0001b\nc"', n: 1 });
  });

  test('is not sent once the lease is lost', async () => {
    const lost = new Failure('lease-lost', { code: 'lease.lost', message: 'lost', retry: 'never' });
    const graph = graphs.open({
      checkLease: () => {
        throw lost;
      },
    });
    expect(await failureOf(graph.json({ path: '/me' }))).toBe(lost);
    expect(graphs.server.arrivals).toHaveLength(0);
    expect(graph.counters.requests).toBe(0);
  });

  test('under way ends at once when the work is stopped, with the reason of the stop', async () => {
    graphs.answerInTurn(() =>
      graphs.stop.abort(new Failure('cancelled', { code: 'task.cancelled', message: 'x', retry: 'later' })),
    );
    expect((await failureOf(graphs.open().json({ path: '/me' }))).code).toBe('task.cancelled');
  });

  test('to a host with an unknown certificate is refused before anything is sent, and not repeated', async () => {
    const strict = createTransport();
    const failure = await failureOf(graphs.open({ transport: strict }).json({ path: '/me' }));
    expect([failure.kind, failure.code, failure.retry]).toEqual(['unreachable', 'graph.tls-refused', 'never']);
    expect(graphs.server.arrivals).toHaveLength(0);
    await strict.close();
  });

  test('to a host that does not exist says so', async () => {
    const graph = graphs.open({ root: 'https://localhost:1', maxTries: 2 });
    const failure = await failureOf(graph.json({ path: '/me' }));
    expect([failure.kind, failure.where['host']]).toEqual(['unreachable', 'localhost:1']);
    expect(graph.counters.repetitions).toBe(1);
  });
});

describe('a transient failure', () => {
  test.each<[string, (arrival: Arrival) => void]>([
    ['an error 500', refuse(500)],
    ['an error 503 with an empty body', (a) => a.reply(503)],
    ['an error 504 that is a web page', (a) => a.reply(504, '<html>', { 'content-type': 'text/html' })],
    ['a web page with status 200', (a) => a.reply(200, '<html>log in</html>', { 'content-type': 'text/html' })],
    ['truncated JSON', (a) => a.reply(200, '{"value":[{"id":"1', { 'content-type': 'application/json' })],
    ['a truncated gzip stream', (a) => a.reply(200, gzipSync('{}').subarray(0, 12), { 'content-encoding': 'gzip' })],
    ['a connection reset before the answer', (a) => a.response.destroy()],
    [
      'a connection reset in the middle of the body',
      (a) => {
        a.response.writeHead(200, { 'content-length': '100' });
        a.response.write('{"id":', () => a.response.destroy());
      },
    ],
    ['no answer in time', () => undefined],
  ])('(%s) is repeated and then forgotten', async (_what, fail) => {
    graphs.answerInTurn(fail, ok({ id: 'good' }));
    const graph = graphs.open();
    expect(await graph.json({ path: '/me' })).toEqual({ id: 'good' });
    expect(graph.counters).toMatchObject({ requests: 2, repetitions: 1 });
  });

  test('that stays ends after five tries', async () => {
    graphs.answerInTurn(refuse(500, 'InternalServerError'));
    const failure = await failureOf(graphs.open().json({ path: '/me' }));
    expect([failure.kind, failure.code, failure.retry]).toEqual(['unavailable', 'graph.unavailable', 'later']);
    expect(graphs.server.arrivals).toHaveLength(5);
  });

  test.each<[string, (arrival: Arrival) => void]>([
    ['the answer is lost', (a) => a.response.destroy()],
    ['an error 500 comes', refuse(500)],
    ['no answer comes in time', () => undefined],
    ['the answer is truncated', (a) => a.reply(201, '{"id":"')],
  ])('is not repeated for what must not be done twice: %s', async (_what, fail) => {
    graphs.answerInTurn(fail, ok());
    const failure = await failureOf(graphs.open().json({ method: 'POST', path: '/messages', body: { subject: 's' } }));
    expect([failure.kind, failure.code]).toEqual(['unavailable', 'graph.answer-lost']);
    expect(graphs.server.arrivals).toHaveLength(1);
    expect(graphs.server.arrivals[0]?.body.toString()).toBe('{"subject":"s"}');
  });

  test('of a kind that repeating cannot help is not repeated', async () => {
    graphs.answerInTurn(refuse(400, 'ErrorInvalidIdMalformed'));
    const failure = await failureOf(graphs.open().json({ path: '/users/u/messages/m?$select=id' }));
    expect([failure.kind, failure.where['request']]).toEqual(['invalid-input', 'GET /v1.0/users/u/messages/m']);
    expect(graphs.server.arrivals).toHaveLength(1);
  });
});

describe('a token', () => {
  test('that expires in mid-run is renewed once for all requests under way, which then succeed', async () => {
    const good = new Set(['token-1']);
    graphs.server.answer = (arrival) => {
      const token = arrival.headers.authorization?.replace('Bearer ', '') ?? '';
      if (good.has(token)) ok()(arrival);
      else refuse(401, 'InvalidAuthenticationToken')(arrival);
    };
    const refusals: string[] = [];
    const graph = graphs.open({
      token: async (refused) => {
        if (refused === undefined) return new Secret('token-1');
        refusals.push(refused.reveal());
        return new Secret('token-2');
      },
    });
    await graph.json({ path: '/me' });
    good.delete('token-1');
    good.add('token-2');
    await Promise.all([1, 2, 3, 4].map(() => graph.json({ path: '/me', scope: MAILBOX })));
    expect(refusals).toEqual(['token-1']);
  });

  test('that is refused again after its renewal fails the request', async () => {
    graphs.answerInTurn(refuse(401, 'InvalidAuthenticationToken'));
    const failure = await failureOf(graphs.open().json({ path: '/me' }));
    expect(failure.kind).toBe('unauthenticated');
    expect(graphs.server.arrivals).toHaveLength(2);
    expect(JSON.stringify([failure.message, failure.where, failure.hint])).not.toContain('token-1');
  });
});

describe('Retry-After', () => {
  test.each([429, 503])(
    'of a %i is never violated by anybody on the mailbox, four requests at once',
    async (status) => {
      const PAUSE_MS = 1_000;
      let closedUntil = 0;
      let underWay = 0;
      let most = 0;
      const early: number[] = [];
      let served = 0;
      graphs.server.answer = (arrival) => {
        underWay += 1;
        most = Math.max(most, underWay);
        if (arrival.atMs < closedUntil) early.push(closedUntil - arrival.atMs);
        setTimeout(() => {
          underWay -= 1;
          served += 1;
          if (served === 10 || served === 30) {
            refuse(status, 'ApplicationThrottled', { 'retry-after': '1' })(arrival);
            // What had been sent before the refusal could be read is no violation.
            closedUntil = performance.now() + PAUSE_MS;
          } else ok()(arrival);
        }, 4);
      };
      const graph = graphs.open();
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          for (let turn = 0; turn < 8; turn += 1) await graph.json({ path: '/x', scope: MAILBOX });
        }),
      );
      // Requests already on the wire when the refusal was written arrive within a few milliseconds of it.
      expect(early.filter((tooEarlyMs) => tooEarlyMs < PAUSE_MS - 50)).toEqual([]);
      expect(most).toBeLessThanOrEqual(4);
      expect(graph.counters.throttledMs).toBeGreaterThanOrEqual(2 * PAUSE_MS);
      expect(graph.counters.throttledMs).toBeLessThan(3 * PAUSE_MS);
    },
  );

  test('that is longer than the task may wait ends every request of the mailbox at once, saying when to come back', async () => {
    graphs.answerInTurn(refuse(429, 'ApplicationThrottled', { 'retry-after': '120' }), ok());
    const graph = graphs.open();
    const failure = await failureOf(graph.json({ path: '/x', scope: MAILBOX }));
    expect(failure.kind).toBe('throttled');
    expect(failure.retryAfterMs).toBeGreaterThan(119_000);
    expect((await failureOf(graph.json({ path: '/y', scope: MAILBOX }))).kind).toBe('throttled');
    expect(graphs.server.arrivals).toHaveLength(1);
    await graph.json({ path: '/organization' });
    expect(graphs.server.arrivals).toHaveLength(2);
  });

  test('holds back what passed the gate but still waited for its connection when the pause began', async () => {
    graphs.answerInTurn(refuse(429, 'ApplicationThrottled', { 'retry-after': '1' }), ok());
    let connected: () => void = () => undefined;
    const connection = new Promise<void>((resolve) => (connected = resolve));
    const slowToConnect: Transport = {
      ...graphs.transport,
      send: async (request) => {
        if (request.url.endsWith('/slow')) await connection;
        return graphs.transport.send(request);
      },
    };
    const graph = graphs.open({ transport: slowToConnect });
    const slow = graph.json({ path: '/slow', scope: MAILBOX });
    const refused = graph.json({ path: '/refused', scope: MAILBOX });
    while (graph.counters.bytesReceived === 0) await new Promise((resolve) => setImmediate(resolve));
    connected();
    await Promise.all([slow, refused]);
    const [first, ...later] = graphs.server.arrivals;
    expect(later).toHaveLength(2);
    for (const { atMs } of later) expect(atMs - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect(graph.counters.requests).toBe(3);
  });

  test('again and again ends when the request has waited as long as it may in all', async () => {
    graphs.answerInTurn(refuse(429, 'TooManyRequests', { 'retry-after': '1' }));
    const failure = await failureOf(graphs.open({ maxWaitMs: 2_500 }).json({ path: '/x', scope: MAILBOX }));
    expect(failure.kind).toBe('throttled');
    expect(graphs.server.arrivals).toHaveLength(3);
  });
});
