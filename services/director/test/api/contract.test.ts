import { describe, expect, test } from '@jest/globals';
import { CONTROLLERS } from '../../src/api/controllers.ts';
import { openApiDocument } from '../../src/api/openapi.ts';
import { ApiContract } from '../../testing/api-contract.ts';

/** The check that every answer in these tests goes through: what it would find. */

const contract = new ApiContract(openApiDocument(CONTROLLERS, 'test'));

const TOKEN = {
  id: '3f6c1f0e-9a52-4c39-8f6e-0a4f6a1f0a11',
  name: 'ci',
  role: 'viewer',
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-02T00:00:00.000Z',
  lastUsedAt: null,
  revokedAt: null,
};
const PROBLEM = {
  type: 'https://backhaul.invalid/docs/api-errors#token.not-found',
  title: 'Not found',
  status: 404,
  detail: 'There is no such token.',
  instance: '/api/v1/tokens/x',
  code: 'token.not-found',
  traceId: '',
};

interface Changes {
  method?: string;
  path?: string;
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** A token that is read as it is promised, but for the changes. */
const check =
  ({ method = 'GET', path = `/api/v1/tokens/${TOKEN.id}`, status = 200, headers, body }: Changes) =>
  () =>
    contract.check(method, path, {
      status,
      headers: new Headers(headers ?? { 'content-type': 'application/json', etag: '"1"' }),
      body: body === undefined ? TOKEN : body,
    });
const problem = (changes: object = {}) => ({
  status: 404,
  headers: { 'content-type': 'application/problem+json' },
  body: { ...PROBLEM, ...changes },
});

describe('an answer as it is documented', () => {
  test('passes', () => {
    expect(check({})).not.toThrow();
    expect(check(problem())).not.toThrow();
    expect(check({ method: 'HEAD', body: null })).not.toThrow();
  });
});

describe('an answer is found out', () => {
  test.each<[string, Changes, RegExp]>([
    ['with a field that is not documented', { body: { ...TOKEN, hash: 'abc' } }, /hash/],
    ['without a field', { body: { ...TOKEN, role: undefined } }, /role/],
    ['with a value of another type', { body: { ...TOKEN, expiresAt: 7 } }, /expiresAt/],
    ['with a value that is none of those named', { body: { ...TOKEN, role: 'root' } }, /role/],
    ['with a date that is none', { body: { ...TOKEN, createdAt: 'yesterday' } }, /createdAt/],
    ['with another status', { status: 201 }, /status is not documented/],
    [
      'of another media type',
      { headers: { 'content-type': 'text/html', etag: '"1"' } },
      /text\/html is not documented/,
    ],
    ['without a promised header', { headers: { 'content-type': 'application/json' } }, /ETag is missing/],
    [
      'with a header that is not documented',
      { headers: { 'content-type': 'application/json', etag: '"1"', location: '/x' } },
      /Location is not documented/,
    ],
    ['that refuses with a code of another operation', problem({ code: 'job.not-found' }), /does not document/],
    ['that refuses with a field more', problem({ stack: 'at x' }), /stack/],
    ['with a body for HEAD', { method: 'HEAD' }, /a body came for HEAD/],
    ['at an address that is not documented', { path: '/api/v1/nothing' }, /operation is not documented/],
    ['by a method that is not documented', { method: 'PUT' }, /operation is not documented/],
  ])('%s', (_what, changes, complaint) => {
    expect(check(changes)).toThrow(complaint);
  });

  test('with a field too much deep inside a list', () => {
    const body = { items: [TOKEN, { ...TOKEN, salt: 1 }], nextCursor: null };
    const headers = { 'content-type': 'application/json' };
    expect(check({ path: '/api/v1/tokens', headers, body: { items: [TOKEN], nextCursor: null } })).not.toThrow();
    expect(check({ path: '/api/v1/tokens', headers, body })).toThrow(/salt/);
  });
});
