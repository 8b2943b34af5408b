import { gzipSync } from 'node:zlib';
import { Failure, isFailure, Secret } from '@backhaul/domain';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTransport, openGraph, type Graph, type GraphOptions, type Transport } from '../src/index.ts';
import { startScriptedServer, type Arrival, type ScriptedServer } from './scripted-server.ts';

const MAILBOX = 'mailbox-1';

let server: ScriptedServer;
let transport: Transport;
let stop: AbortController;

beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());
beforeEach(() => {
  stop = new AbortController();
  transport = createTransport({ caCertificates: [server.ca], headersTimeoutMs: 1_000, bodyTimeoutMs: 1_000 });
});
afterEach(async () => {
  await transport.close();
  server.arrivals.length = 0;
});

function open(options: Partial<GraphOptions> = {}): Graph {
  return openGraph({
    root: server.root,
    linkHosts: [],
    token: async () => new Secret('token-1'),
    signal: stop.signal,
    taskTag: 'task-7',
    transport,
    firstPauseMs: 5,
    ...options,
  });
}

/** Answers in turn; the last answer repeats. */
function answerInTurn(...answers: ((arrival: Arrival) => void)[]): void {
  let turn = 0;
  server.answer = (arrival) => {
    answers[Math.min(turn, answers.length - 1)]?.(arrival);
    turn += 1;
  };
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  try {
    await work;
  } catch (error) {
    if (isFailure(error)) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}

const ok =
  (body: unknown = { id: 'x' }) =>
  (arrival: Arrival) =>
    arrival.reply(200, body);
const refuse =
  (status: number, code = 'any', headers: Record<string, string> = {}) =>
  (arrival: Arrival) =>
    arrival.reply(status, { error: { code, message: 'why' } }, headers);

describe('a request', () => {
  test('says who sends it, for which task, and asks for gzip', async () => {
    answerInTurn(ok());
    const graph = open();
    await graph.json({ path: '/organization', prefer: ['a', 'b'] });
    await graph.json({ path: '/organization' });
    const [first, second] = server.arrivals;
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
    answerInTurn((a) =>
      a.reply(200, gzipSync(json), { 'content-type': 'application/json', 'content-encoding': 'gzip' }),
    );
    const graph = open();
    expect(await graph.json({ path: '/me' })).toEqual(JSON.parse(json));
    expect(graph.counters.bytesReceived).toBeLessThan(json.length);
  });

  test('survives raw control characters in an answer', async () => {
    answerInTurn((a) => a.reply(200, '{"subject":"a\u0001b\nc\\"","n":\n1}', { 'content-type': 'application/json' }));
    expect(await open().json({ path: '/me' })).toEqual({ subject: 'a\u0001b\nc"', n: 1 });
  });

  test('is not sent once the lease is lost', async () => {
    const lost = new Failure('lease-lost', { code: 'lease.lost', message: 'lost', retry: 'never' });
    const graph = open({
      checkLease: () => {
        throw lost;
      },
    });
    expect(await failureOf(graph.json({ path: '/me' }))).toBe(lost);
    expect(server.arrivals).toHaveLength(0);
    expect(graph.counters.requests).toBe(0);
  });

  test('under way ends at once when the work is stopped, with the reason of the stop', async () => {
    answerInTurn(() => stop.abort(new Failure('cancelled', { code: 'task.cancelled', message: 'x', retry: 'later' })));
    expect((await failureOf(open().json({ path: '/me' }))).code).toBe('task.cancelled');
  });

  test('to a host with an unknown certificate is refused before anything is sent, and not repeated', async () => {
    const strict = createTransport();
    const failure = await failureOf(open({ transport: strict }).json({ path: '/me' }));
    expect([failure.kind, failure.code, failure.retry]).toEqual(['unreachable', 'graph.tls-refused', 'never']);
    expect(server.arrivals).toHaveLength(0);
    await strict.close();
  });

  test('to a host that does not exist says so', async () => {
    const graph = open({ root: 'https://localhost:1', maxTries: 2 });
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
    answerInTurn(fail, ok({ id: 'good' }));
    const graph = open();
    expect(await graph.json({ path: '/me' })).toEqual({ id: 'good' });
    expect(graph.counters).toMatchObject({ requests: 2, repetitions: 1 });
  });

  test('that stays ends after five tries', async () => {
    answerInTurn(refuse(500, 'InternalServerError'));
    const failure = await failureOf(open().json({ path: '/me' }));
    expect([failure.kind, failure.code, failure.retry]).toEqual(['unavailable', 'graph.unavailable', 'later']);
    expect(server.arrivals).toHaveLength(5);
  });

  test.each<[string, (arrival: Arrival) => void]>([
    ['the answer is lost', (a) => a.response.destroy()],
    ['an error 500 comes', refuse(500)],
    ['no answer comes in time', () => undefined],
    ['the answer is truncated', (a) => a.reply(201, '{"id":"')],
  ])('is not repeated for what must not be done twice: %s', async (_what, fail) => {
    answerInTurn(fail, ok());
    const failure = await failureOf(open().json({ method: 'POST', path: '/messages', body: { subject: 's' } }));
    expect([failure.kind, failure.code]).toEqual(['unavailable', 'graph.answer-lost']);
    expect(server.arrivals).toHaveLength(1);
    expect(server.arrivals[0]?.body.toString()).toBe('{"subject":"s"}');
  });

  test('of a kind that repeating cannot help is not repeated', async () => {
    answerInTurn(refuse(400, 'ErrorInvalidIdMalformed'));
    const failure = await failureOf(open().json({ path: '/users/u/messages/m?$select=id' }));
    expect([failure.kind, failure.where['request']]).toEqual(['invalid-input', 'GET /v1.0/users/u/messages/m']);
    expect(server.arrivals).toHaveLength(1);
  });
});

describe('a token', () => {
  test('that expires in mid-run is renewed once for all requests under way, which then succeed', async () => {
    const good = new Set(['token-1']);
    server.answer = (arrival) => {
      const token = arrival.headers.authorization?.replace('Bearer ', '') ?? '';
      if (good.has(token)) ok()(arrival);
      else refuse(401, 'InvalidAuthenticationToken')(arrival);
    };
    const refusals: string[] = [];
    const graph = open({
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
    answerInTurn(refuse(401, 'InvalidAuthenticationToken'));
    const failure = await failureOf(open().json({ path: '/me' }));
    expect(failure.kind).toBe('unauthenticated');
    expect(server.arrivals).toHaveLength(2);
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
      server.answer = (arrival) => {
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
      const graph = open();
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
    answerInTurn(refuse(429, 'ApplicationThrottled', { 'retry-after': '120' }), ok());
    const graph = open();
    const failure = await failureOf(graph.json({ path: '/x', scope: MAILBOX }));
    expect(failure.kind).toBe('throttled');
    expect(failure.retryAfterMs).toBeGreaterThan(119_000);
    expect((await failureOf(graph.json({ path: '/y', scope: MAILBOX }))).kind).toBe('throttled');
    expect(server.arrivals).toHaveLength(1);
    await graph.json({ path: '/organization' });
    expect(server.arrivals).toHaveLength(2);
  });

  test('holds back what passed the gate but still waited for its connection when the pause began', async () => {
    answerInTurn(refuse(429, 'ApplicationThrottled', { 'retry-after': '1' }), ok());
    let connected: () => void = () => undefined;
    const connection = new Promise<void>((resolve) => (connected = resolve));
    const slowToConnect: Transport = {
      ...transport,
      send: async (request) => {
        if (request.url.endsWith('/slow')) await connection;
        return transport.send(request);
      },
    };
    const graph = open({ transport: slowToConnect });
    const slow = graph.json({ path: '/slow', scope: MAILBOX });
    const refused = graph.json({ path: '/refused', scope: MAILBOX });
    while (graph.counters.bytesReceived === 0) await new Promise((resolve) => setImmediate(resolve));
    connected();
    await Promise.all([slow, refused]);
    const [first, ...later] = server.arrivals;
    expect(later).toHaveLength(2);
    for (const { atMs } of later) expect(atMs - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect(graph.counters.requests).toBe(3);
  });

  test('again and again ends when the request has waited as long as it may in all', async () => {
    answerInTurn(refuse(429, 'TooManyRequests', { 'retry-after': '1' }));
    const failure = await failureOf(open({ maxWaitMs: 2_500 }).json({ path: '/x', scope: MAILBOX }));
    expect(failure.kind).toBe('throttled');
    expect(server.arrivals).toHaveLength(3);
  });
});

describe('paging', () => {
  const page = (ids: string[], links: Record<string, string>) => ({ value: ids.map((id) => ({ id })), ...links });
  const next = (link: string) => ({ '@odata.nextLink': link });

  async function walk(graph = open()): Promise<string[]> {
    const ids: string[] = [];
    for await (const { value } of graph.pages<{ id: string }>({ path: '/messages', prefer: ['p'] })) {
      ids.push(...value.map(({ id }) => id));
    }
    return ids;
  }

  test('follows each link word by word, with the same headers, through empty pages', async () => {
    const link = `${server.root}/v1.0/users('u')/messages?$skiptoken=a%2Bb=/&$filter=x&z=1`;
    answerInTurn(ok(page(['1'], next(link))), ok(page([], next(`${link}2`))), ok(page(['2'], {})));
    expect(await walk()).toEqual(['1', '2']);
    expect(server.arrivals[1]?.url).toBe("/v1.0/users('u')/messages?$skiptoken=a%2Bb=/&$filter=x&z=1");
    expect(server.arrivals.map(({ headers }) => headers['prefer'])).toEqual(['p', 'p', 'p']);
  });

  test.each([
    'https://evil.example/v1.0/messages',
    'http://localhost/v1.0/messages',
    'https://localhost/v1.0/messages',
    'https://user:pass@HOST/v1.0/messages',
    'https://HOST.evil.example/v1.0/messages',
    '//HOST/v1.0/messages',
    '/v1.0/messages',
    'https://HOST/v1.0/users//mailFolders//messages',
  ])('never follows %s', async (link) => {
    answerInTurn(ok(page(['1'], next(link.replace('HOST', server.host)))));
    const failure = await failureOf(walk());
    expect([failure.kind, failure.code, failure.retry]).toEqual(['forbidden', 'graph.foreign-link', 'never']);
    expect(server.arrivals).toHaveLength(1);
  });

  test('never sends anything, least of all the token, to the host of a foreign link', async () => {
    const stranger = await startScriptedServer();
    answerInTurn(ok(page(['1'], next(`${stranger.root}/v1.0/messages`))));
    const trusting = createTransport({ caCertificates: [server.ca, stranger.ca] });
    expect((await failureOf(walk(open({ transport: trusting })))).code).toBe('graph.foreign-link');
    expect(stranger.arrivals).toHaveLength(0);
    await trusting.close();
    await stranger.close();
  });

  test('ends when the same link comes again', async () => {
    answerInTurn(
      ok(page(['1'], next(`${server.root}/a`))),
      ok(page(['2'], next(`${server.root}/b`))),
      ok(page(['3'], next(`${server.root}/a`))),
    );
    expect((await failureOf(walk())).code).toBe('graph.endless-paging');
  });

  test('ends when new links bring the same page again and again', async () => {
    let turn = 0;
    server.answer = (a) => a.reply(200, page(['1', '2'], next(`${server.root}/${(turn += 1)}`)));
    expect((await failureOf(walk())).code).toBe('graph.endless-paging');
    expect(turn).toBe(3);
  });

  test('ends when new links bring nothing, again and again', async () => {
    let turn = 0;
    server.answer = (a) => a.reply(200, page([], next(`${server.root}/${(turn += 1)}`)));
    expect((await failureOf(walk())).code).toBe('graph.endless-paging');
  });

  test('asks for smaller pages where the service fails on large ones', async () => {
    server.answer = (arrival) => {
      const size = Number(/maxpagesize=(\d+)/.exec(String(arrival.headers['prefer']))?.[1]);
      if (size > 50) refuse(504)(arrival);
      else ok(page([`size ${size}`], {}))(arrival);
    };
    const ids: string[] = [];
    for await (const { value } of open({ maxTries: 2 }).pages<{ id: string }>({ path: '/m', pageSize: 500 })) {
      ids.push(...value.map(({ id }) => id));
    }
    expect(ids).toEqual(['size 50']);
  });

  test('reports a link that has expired as expired', async () => {
    answerInTurn(ok(page(['1'], next(`${server.root}/a`))), refuse(410, 'SyncStateNotFound'));
    expect((await failureOf(walk())).kind).toBe('expired');
  });
});

describe('a batch', () => {
  const parts = ['/a', '/b', '/c'].map((path) => ({ path }));

  test('gives its results in the order of the parts, failures beside successes', async () => {
    answerInTurn(
      ok({
        responses: [
          { id: '2', status: 200, body: { n: 2 } },
          { id: '0', status: 200, body: { n: 0 } },
          { id: '1', status: 404, body: { error: { code: 'ErrorItemNotFound' } } },
        ],
      }),
    );
    const outcomes = await open().batch(parts);
    expect(outcomes).toMatchObject([
      { ok: true, body: { n: 0 } },
      { ok: false, failure: { kind: 'not-found' } },
      { ok: true, body: { n: 2 } },
    ]);
  });

  test('sends only throttled and failed parts again, after the pause that they ask for', async () => {
    answerInTurn(
      ok({
        responses: [
          { id: '0', status: 200, body: 0 },
          { id: '1', status: 429, headers: { 'Retry-After': '1' }, body: {} },
          { id: '2', status: 503, body: {} },
        ],
      }),
      ok({ responses: [1, 2].map((id) => ({ id: String(id), status: 200, body: id })) }),
    );
    const outcomes = await open().batch(parts, { scope: MAILBOX });
    expect(outcomes).toEqual([0, 1, 2].map((body) => ({ ok: true, body })));
    const [first, second] = server.arrivals;
    expect(JSON.parse(second?.body.toString() ?? '').requests).toHaveLength(2);
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  test('of more than twenty parts goes out in several', async () => {
    server.answer = (a) => {
      const { requests } = JSON.parse(a.body.toString()) as { requests: { id: string }[] };
      a.reply(200, { responses: requests.map(({ id }) => ({ id, status: 200, body: id })) });
    };
    const many = Array.from({ length: 45 }, (_, index) => ({ path: `/${index}` }));
    expect(await open().batch(many)).toHaveLength(45);
    expect(server.arrivals).toHaveLength(3);
  });
});
