import { describe, expect, test } from '@jest/globals';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { PROBLEM_CATALOGUE } from '../../src/api/catalogue/problem-catalogue.ts';
import { CONTROLLERS } from '../../src/api/controllers.ts';
import { openApiDocument } from '../../src/api/openapi.ts';
import { problemCodesOf } from '../../src/api/operation-problems.ts';
import { KnownAddresses, routesOf } from '../../src/api/routes.ts';

const ROUTES = routesOf(CONTROLLERS);
const document = openApiDocument(CONTROLLERS, '1.2.3') as {
  openapi: string;
  paths: Record<string, Record<string, DocumentedOperation>>;
};

interface DocumentedOperation {
  operationId: string;
  parameters: { name: string; in: string }[];
  responses: Record<string, { content?: Record<string, { schema: Record<string, unknown> }> }>;
}

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
);
const takes = (operation: DocumentedOperation, name: string) => operation.parameters.some((one) => one.name === name);

/** POSTs that take no `Idempotency-Key`, and what makes their repetition harmless. */
const HARMLESS: Readonly<Record<string, string>> = {
  setUp: 'the set-up token works once',
  enrolTransporter: 'the join token works once',
  testTenant: 'it only looks',
  refreshInventory: 'listing twice shows the same',
  drainTransporter: 'a draining Transporter stays so',
  resumeTransporter: 'a resumed Transporter stays so',
  revokeTransporter: 'a revoked Transporter stays so',
  stopRun: 'a run that stops stays so',
  exportPoint: 'it only reads',
};

/** Lists that come whole, and why. */
const WHOLE: Readonly<Record<string, string>> = {
  listFolders: 'a tree is shown whole',
};

describe('the OpenAPI document', () => {
  test('passes the recommended rules of Redocly without an error or a warning', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    const source = JSON.stringify(document);
    const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config });
    expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([]);
  });

  test('is linted in earnest: a mistake is found', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    const source = JSON.stringify(document).replace('"operationId":"readJob"', '"operationId":"listJobs"');
    const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config });
    expect(problems.map(({ ruleId, severity }) => [ruleId, severity])).toEqual([
      ['operation-operationId-unique', 'error'],
    ]);
  });

  test('is version 3.1 and names every operation once', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(ROUTES.map(({ spec }) => spec.id).sort());
    expect(new Set(ROUTES.map(({ spec }) => spec.id)).size).toBe(ROUTES.length);
  });

  test('tells of each operation the refusals that come with what it takes', () => {
    const statuses = (id: string) => {
      const found = operations.find(({ operationId }) => operationId === id);
      return Object.keys(found?.responses ?? {}).map(Number);
    };
    expect(statuses('changeJob')).toEqual([200, 400, 401, 403, 404, 406, 409, 412, 413, 415, 422, 428, 429, 500, 503]);
    expect(statuses('listJobs')).toEqual([200, 400, 401, 406, 422, 429, 500, 503]);
    expect(statuses('followRun')).toContain(204);
  });

  test('declares only codes of the catalogue', () => {
    const declared = new Set(ROUTES.flatMap(problemCodesOf));
    expect([...declared].filter((code) => !(code in PROBLEM_CATALOGUE))).toEqual([]);
    expect(declared.size).toBeGreaterThan(80);
  });
});

describe('every operation', () => {
  test('that could do something twice takes an Idempotency-Key', () => {
    const posts = operations.filter(({ method }) => method === 'post');
    const without = posts.filter((operation) => !takes(operation, 'Idempotency-Key'));
    expect(without.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(HARMLESS).sort());
    expect(posts.length - without.length).toBeGreaterThanOrEqual(9);
  });

  test('that changes or removes something demands the version that was seen', () => {
    const changes = operations.filter(({ method }) => ['put', 'patch', 'delete'].includes(method));
    expect(changes.filter((operation) => !takes(operation, 'If-Match'))).toEqual([]);
    expect(changes.map(({ operationId }) => operationId).sort()).toEqual(
      expect.arrayContaining(['changeJob', 'changeTenant', 'deleteJob', 'revokeToken']),
    );
  });

  test('that lists is walked by cursor and limit', () => {
    const lists = operations.filter(({ operationId, method }) => method === 'get' && operationId.startsWith('list'));
    const whole = lists.filter((operation) => !takes(operation, 'cursor') || !takes(operation, 'limit'));
    expect(whole.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(WHOLE).sort());
    expect(lists.length).toBeGreaterThanOrEqual(10);
  });
});

describe('addresses', () => {
  const addresses = new KnownAddresses(ROUTES);

  test.each([
    ['/api/v1/jobs', ['GET', 'HEAD', 'POST']],
    ['/api/v1/jobs/4711', ['DELETE', 'GET', 'HEAD', 'PATCH']],
    ['/api/v1/jobs/4711:run', ['POST']],
    ['/api/v1/repositories:attach', ['POST']],
    ['/livez', ['GET', 'HEAD']],
    ['/api/v1/job', []],
    ['/api/v1/jobs/', []],
    ['/', []],
  ])('%s takes %j', (path, methods) => {
    expect(addresses.methodsAt(path)).toEqual(methods);
  });
});
