import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { apiForTests } from '../../testing/fixtures/api.ts';

const api = apiForTests();
const NOBODY = randomUUID();

describe('a method that an address does not take', () => {
  test.each([
    ['PUT', '/jobs', 'GET, HEAD, POST'],
    ['DELETE', '/jobs', 'GET, HEAD, POST'],
    ['GET', `/jobs/${NOBODY}:run`, 'POST'],
    ['POST', `/jobs/${NOBODY}`, 'DELETE, GET, HEAD, PATCH'],
    ['OPTIONS', `/runs/${NOBODY}/events`, 'GET, HEAD'],
    ['GET', '/repositories:attach', 'POST'],
  ])('%s %s is refused with those that it takes', async (method, path, allow) => {
    const { status, body, headers } = await api.call(method, path);
    expect([status, body.code, headers.get('allow')]).toEqual([405, 'route.method-not-allowed', allow]);
  });

  test('where there is nothing is not found, whatever the method', async () => {
    for (const method of ['GET', 'PUT', 'OPTIONS', 'PROPFIND']) {
      const { status, body } = await api.call(method, '/nothing');
      expect([method, status, body.code]).toEqual([method, 404, 'route.not-found']);
    }
  });
});

describe('HEAD', () => {
  test('answers as GET does, without the body', async () => {
    const { tokenId } = await anyToken();
    const read = await api.call('GET', `/tokens/${tokenId}`);
    const asked = await api.call('HEAD', `/tokens/${tokenId}`);
    expect([asked.status, asked.text, asked.headers.get('etag')]).toEqual([200, '', read.headers.get('etag')]);
  });

  test('is refused as GET is, without the body', async () => {
    const { status, headers, text } = await api.call('HEAD', `/jobs/${NOBODY}`);
    expect([status, headers.get('content-type'), text]).toEqual([404, 'application/problem+json; charset=utf-8', '']);
    expect((await api.call('HEAD', '/jobs', { as: null })).status).toBe(401);
  });
});

describe('a media type', () => {
  test.each(['text/html', 'application/xml', 'application/json;q=0', 'text/*, image/png'])(
    'of the answer that Accept: %s leaves out is refused',
    async (accept) => {
      const { status, body } = await api.call('GET', '/jobs', { headers: { accept } });
      expect([status, body.code]).toEqual([406, 'request.not-acceptable']);
    },
  );

  test.each(['*/*', 'application/json', 'text/html, application/*;q=0.1', 'APPLICATION/JSON; charset=utf-8'])(
    'of the answer that Accept: %s allows is sent',
    async (accept) => {
      expect((await api.call('GET', '/jobs', { headers: { accept } })).status).toBe(200);
    },
  );

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonp', ''])(
    'of the body other than JSON is refused: "%s"',
    async (type) => {
      const { status, body } = await api.call('POST', '/tokens', { rawBody: '{}', headers: { 'content-type': type } });
      expect([status, body.code]).toEqual([415, 'request.media-type']);
    },
  );

  test.each([
    ['application/json; charset=latin1', {}],
    ['application/json', { 'content-encoding': 'gzip' }],
  ])('of the body that is JSON in an unknown form is refused: %s %j', async (type, headers) => {
    const answered = await api.call('POST', '/tokens', {
      rawBody: '{}',
      headers: { 'content-type': type, ...headers },
    });
    expect([answered.status, answered.body.code]).toEqual([415, 'request.media-type']);
  });

  test('of no body needs no name', async () => {
    expect((await api.call('POST', `/runs/${NOBODY}:stop`)).body.code).toBe('run.not-found');
  });
});

describe('what an operation does not take', () => {
  test.each([
    ['GET', '/health?verbose=1', undefined, '?verbose'],
    ['GET', `/jobs/${NOBODY}?fields=name`, undefined, '?fields'],
    ['POST', `/runs/${NOBODY}:stop?force=true`, undefined, '?force'],
    ['POST', `/runs/${NOBODY}:stop`, { force: true }, '/force'],
    ['POST', `/transporters/${NOBODY}:drain`, [1], ''],
    ['DELETE', `/jobs/${NOBODY}`, { really: true }, '/really'],
  ])('%s %s with %j is refused, not ignored', async (method, path, body, pointer) => {
    const { status, body: problem } = await api.call(method, path, { body, headers: { 'if-match': '"1"' } });
    expect([status, problem.code, problem.errors[0].pointer]).toEqual([422, 'request.invalid', pointer]);
  });

  test('may be added to signs of life', async () => {
    expect((await api.request('GET', '/livez?verbose', { as: null })).status).toBe(200);
  });
});

describe('what is not even HTTP', () => {
  test.each([
    ['nonsense', 'NONSENSE\r\n\r\n', 400, 'request.malformed'],
    ['a header without a name', 'GET /livez HTTP/1.1\r\nHost: x\r\n: x\r\n\r\n', 400, 'request.malformed'],
    [
      'headers without end',
      `GET /livez HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`,
      431,
      'request.headers-too-large',
    ],
  ])('(%s) is answered as a problem, too', async (_what, sent, status, code) => {
    const answer = await exchange(sent);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain('Content-Type: application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ status, code });
  });

  test('does not end the Director', async () => {
    expect((await api.request('GET', '/livez')).status).toBe(200);
  });
});

describe('whoever must wait', () => {
  test('is told how long, in the headers of the day and in those of the draft', async () => {
    const guess = () =>
      api.call('GET', '/jobs', { as: null, headers: { authorization: `Bearer bh_${'0'.repeat(72)}` } });
    let answered = await guess();
    for (let tries = 0; answered.status !== 429 && tries < 20; tries += 1) answered = await guess();
    const { headers, body } = answered;
    expect(body.code).toBe('access.too-many-failures');
    const seconds = Number(headers.get('retry-after'));
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect([headers.get('ratelimit-remaining'), headers.get('ratelimit-reset')]).toEqual(['0', String(seconds)]);
  });
});

async function anyToken(): Promise<{ tokenId: string }> {
  const { body } = await api.call('GET', '/tokens?limit=1');
  return { tokenId: body.items[0].id as string };
}

/** Sends bytes and gives what comes back until the end. */
function exchange(sent: string): Promise<string> {
  const { hostname, port } = new URL(api.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(sent));
    let received = '';
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => (received += text));
    socket.on('end', () => resolve(received));
    socket.on('error', reject);
  });
}
