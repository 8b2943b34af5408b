import { describe, expect, test } from '@jest/globals';
import { systemClock } from '@backhaul/domain';
import { createApiToken } from '../../src/access/create-api-token.ts';
import { issueSetupToken } from '../../src/access/setup-token.ts';
import { ROLES, type Role } from '../../src/access/role.ts';
import { CONTROLLERS } from '../../src/api/controllers.ts';
import { routesOf } from '../../src/api/routes.ts';
import { rows } from '../../src/database/statement.ts';
import { apiForTests } from '../../testing/fixtures/api.ts';
import { startApiUnderTest } from '../../testing/running-api.ts';

const api = apiForTests();

const ROUTES = routesOf(CONTROLLERS);
/** All that strangers may call; the two with tokens of their own check those. */
const PUBLIC = ['setUp', 'enrolTransporter', 'livez', 'readyz', 'startupz'];
const anyPath = (path: string) => path.replace(/\{\w+\}/g, '00000000-0000-4000-8000-000000000000');

describe('every route', () => {
  test('that is not on the short list of public ones asks for a token', async () => {
    expect(
      ROUTES.filter(({ spec }) => spec.role === 'public')
        .map(({ spec }) => spec.id)
        .sort(),
    ).toEqual([...PUBLIC].sort());
    // An API of its own, whose memory of wrong tokens ends with the test.
    const strangers = await startApiUnderTest(api.database);
    for (const { method, path } of ROUTES.filter(({ spec }) => spec.role !== 'public')) {
      for (const headers of [{}, { authorization: 'Bearer nonsense' }, { authorization: 'Basic YTpi' }]) {
        const { status, body } = await strangers.request(method.toUpperCase(), anyPath(path), { as: null, headers });
        expect([method, path, status === 429 ? 401 : status, body.code.split('.')[0]]).toEqual([
          method,
          path,
          401,
          'access',
        ]);
      }
    }
    await strangers.close();
  });

  test('stands in the document, and nothing else does', async () => {
    const { body } = await api.request('GET', '/api/openapi.json');
    const documented = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(documented.sort()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort());
    expect(documented.length).toBeGreaterThan(35);
  });

  test('lets in exactly the roles that it declares', async () => {
    for (const { method, path, spec } of ROUTES.filter(({ spec }) => spec.role !== 'public')) {
      for (const role of ROLES) {
        const isAllowed = ROLES.indexOf(role) <= ROLES.indexOf(spec.role as Role);
        if (isAllowed) continue;
        const { status, body } = await api.request(method.toUpperCase(), anyPath(path), { as: role });
        expect([spec.id, role, status, body.code]).toEqual([spec.id, role, 403, 'access.role-too-low']);
      }
    }
  });

  test('matches the table of roles that people were told', () => {
    const table = Object.fromEntries(
      ['public', 'viewer', 'operator', 'admin'].map((role) => [
        role,
        ROUTES.filter(({ spec }) => spec.role === role)
          .map(({ spec }) => spec.id)
          .sort(),
      ]),
    );
    expect(table).toMatchInlineSnapshot(`
     {
       "admin": [
         "attachRepository",
         "changeTenant",
         "connectTenant",
         "createJoinToken",
         "createRepository",
         "createToken",
         "listTokens",
         "readToken",
         "revokeToken",
         "revokeTransporter",
       ],
       "operator": [
         "changeJob",
         "comparePoints",
         "createJob",
         "deleteJob",
         "downloadAttachment",
         "downloadItem",
         "downloadVersion",
         "drainTransporter",
         "exportPoint",
         "listFolders",
         "listItems",
         "readItem",
         "refreshInventory",
         "resumeTransporter",
         "retryFailed",
         "runJob",
         "searchItems",
         "startRepositoryCheck",
         "startRestore",
         "stopRun",
         "testTenant",
       ],
       "public": [
         "enrolTransporter",
         "livez",
         "readyz",
         "setUp",
         "startupz",
       ],
       "viewer": [
         "followRun",
         "listInventory",
         "listJobs",
         "listPoints",
         "listRepositories",
         "listRuns",
         "listTasks",
         "listTenants",
         "listTransporters",
         "readDocument",
         "readHealth",
         "readJob",
         "readObject",
         "readPoint",
         "readRepository",
         "readRepositoryCheck",
         "readRepositoryStats",
         "readRun",
         "readTask",
         "readTenant",
         "readTransporter",
       ],
     }
    `);
  });
});

describe('setting up', () => {
  test('works once, with the right token, and gives an administrator', async () => {
    await rows(api.database, 'delete from api_tokens');
    const setup = await issueSetupToken(api.database, systemClock());
    const setupToken = setup?.token.reveal() ?? '';
    const wrong = setupToken.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    expect((await api.call('POST', '/setup', { as: null, body: { setupToken: wrong } })).status).toBe(401);
    const made = await api.call('POST', '/setup', { as: null, body: { setupToken, name: 'Ada' } });
    expect(made).toMatchObject({
      status: 201,
      body: { name: 'Ada', role: 'admin', token: expect.stringMatching(/^bh_/) },
    });
    expect((await api.call('POST', '/setup', { as: null, body: { setupToken } })).body.code).toBe(
      'setup.token-refused',
    );
    api.tokens.admin = made.body.token;
    expect((await api.call('GET', '/tokens')).body.items).toHaveLength(1);
    expect(await issueSetupToken(api.database, systemClock())).toBeNull();
  });

  test('of two at the same instant lets one through', async () => {
    await rows(api.database, 'delete from api_tokens');
    const setup = await issueSetupToken(api.database, systemClock());
    const body = { setupToken: setup?.token.reveal() };
    const answers = await Promise.all([1, 2, 3].map(() => api.call('POST', '/setup', { as: null, body })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 401, 401]);
    api.tokens.admin = answers.find(({ status }) => status === 201)?.body.token as string;
  });
});

describe('a token', () => {
  const revoke = (id: string) => api.call('DELETE', `/tokens/${id}`, { headers: { 'if-match': '"1"' } });

  test('is shown once, listed without its value, and ends at its revocation', async () => {
    const { status, body } = await api.call('POST', '/tokens', { body: { name: 'ci', role: 'viewer', days: 1 } });
    expect(status).toBe(201);
    api.tokens.viewer = body.token;
    expect((await api.call('GET', '/jobs', { as: 'viewer' })).status).toBe(200);
    expect((await api.call('GET', '/tokens')).text).not.toContain(body.token);
    expect((await revoke(body.id)).body.revokedAt).not.toBeNull();
    expect((await api.call('GET', '/jobs', { as: 'viewer' })).body.code).toBe('access.token-refused');
  });

  test('that has expired is refused', async () => {
    const { token, record } = await createApiToken(api.database, systemClock(), {
      name: 'old',
      role: 'viewer',
      days: 1,
    });
    await rows(api.database, `update api_tokens set expires_at = now() - interval '1 second' where id = $1`, [
      record.id,
    ]);
    api.tokens.viewer = token.reveal();
    expect((await api.call('GET', '/jobs', { as: 'viewer' })).status).toBe(401);
  });

  test('of the last administrator cannot be revoked', async () => {
    const { body } = await api.call('GET', '/tokens');
    const admins = body.items.filter(
      (token: { role: string; revokedAt: null }) => token.role === 'admin' && token.revokedAt === null,
    );
    expect(admins).toHaveLength(1);
    expect((await revoke(admins[0].id)).body.code).toBe('token.last-admin');
    expect((await api.call('GET', '/tokens')).status).toBe(200);
  });

  test.each([
    [{ name: '', role: 'viewer' }, '/name'],
    [{ name: 'x'.repeat(101), role: 'viewer' }, '/name'],
    [{ name: 'a\nb', role: 'viewer' }, '/name'],
    [{ name: 'x', role: 'root' }, '/role'],
    [{ name: 'x', role: 'viewer', days: 366 }, '/days'],
    [{ name: 'x', role: 'viewer', admin: true }, '/admin'],
  ])('%j is refused at %s', async (wrong, pointer) => {
    const { status, body } = await api.call('POST', '/tokens', { body: wrong });
    expect([status, body.errors.map((error: { pointer: string }) => error.pointer)]).toEqual([422, [pointer]]);
  });
});

describe('whoever guesses', () => {
  test('is told to wait, while a valid token from the same address still works', async () => {
    const guess = () =>
      api.call('GET', '/jobs', { as: null, headers: { authorization: `Bearer bh_${'0'.repeat(72)}` } });
    const statuses = [];
    for (let count = 0; count < 12; count += 1) statuses.push((await guess()).status);
    expect(statuses).toContain(429);
    expect((await guess()).headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await api.call('GET', '/jobs')).status).toBe(200);
  });
});
