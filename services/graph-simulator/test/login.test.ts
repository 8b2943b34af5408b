import { describe, expect, test } from '@jest/globals';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({ mailboxes: 1, messages: 5 });

const form = (more: Record<string, string> = {}): Record<string, string> => ({
  client_id: bench.simulator.clientId,
  client_secret: bench.simulator.clientSecret,
  grant_type: 'client_credentials',
  scope: 'https://graph.microsoft.com/.default',
  ...more,
});

function claims(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
}

describe('the token endpoint', () => {
  test('gives a token whose claims are those of Entra', async () => {
    const { status, json } = await bench.graph.form(form());
    expect(status).toBe(200);
    expect(json).toMatchObject({ token_type: 'Bearer', expires_in: 3599 });
    expect(claims(json.access_token)).toMatchObject({
      aud: 'https://graph.microsoft.com',
      iss: `https://sts.windows.net/${bench.simulator.tenantId}/`,
      appid: bench.simulator.clientId,
      idtyp: 'app',
      tid: bench.simulator.tenantId,
      roles: expect.arrayContaining(['Mail.ReadWrite', 'User.Read.All']),
    });
  });

  test('also for the verified domain, and for the scope of its own Graph root', async () => {
    const { status } = await bench.graph.form(
      form({ scope: `${bench.simulator.graphUrl}/.default` }),
      'meridian.example',
    );
    expect(status).toBe(200);
  });

  test.each<[string, Record<string, string>, string | undefined, number, number, string]>([
    ['a wrong secret', { client_secret: 'x' }, undefined, 401, 7000215, 'invalid_client'],
    [
      'an unknown application',
      { client_id: '00000000-0000-4000-8000-000000000000' },
      undefined,
      400,
      700016,
      'unauthorized_client',
    ],
    ['an unknown tenant', {}, '00000000-0000-4000-8000-000000000000', 400, 90002, 'invalid_request'],
    ['a malformed tenant', {}, 'nonsense', 400, 900023, 'invalid_request'],
    ['the common tenant', {}, 'common', 400, 50059, 'invalid_request'],
    [
      'a scope that is not the default one',
      { scope: 'https://graph.microsoft.com/Mail.Read' },
      undefined,
      400,
      1002012,
      'invalid_scope',
    ],
    ['a foreign resource', { scope: 'https://example.com/.default' }, undefined, 400, 500011, 'invalid_resource'],
    ['another grant', { grant_type: 'password' }, undefined, 400, 70003, 'unsupported_grant_type'],
    [
      'a broken assertion',
      { client_assertion: 'x.y.z', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' },
      undefined,
      401,
      700027,
      'invalid_client',
    ],
  ])('%s gets its AADSTS number', async (_, more, tenant, status, code, error) => {
    const answer = await bench.graph.form(form(more), tenant);
    expect([answer.status, answer.json.error, answer.json.error_codes]).toEqual([status, error, [code]]);
    expect(answer.json.error_description).toMatch(new RegExp(`^AADSTS${code}: [^]+\r\nTrace ID: `));
  });

  test('secrets can be rotated: the new one works, the old one is expired', async () => {
    const app = await bench.simulator.control.addApplication({ roles: ['Mail.Read'] });
    const { clientSecret } = await bench.simulator.control.updateApplication(app.clientId, {
      addSecret: true,
      expireSecrets: true,
    });
    const login = (secret: string): ReturnType<typeof bench.graph.form> =>
      bench.graph.form(form({ client_id: app.clientId, client_secret: secret }));
    expect((await login(app.clientSecret!)).json.error_codes).toEqual([7000222]);
    expect((await login(clientSecret!)).status).toBe(200);
    await bench.simulator.control.updateApplication(app.clientId, { enabled: false });
    expect((await login(clientSecret!)).json.error_codes).toEqual([7000112]);
  });

  test('discovery names the endpoints of this tenant', async () => {
    const { loginUrl, tenantId } = bench.simulator;
    const { json } = await bench.graph.raw(`${loginUrl}/${tenantId}/v2.0/.well-known/openid-configuration`);
    expect(json).toMatchObject({
      token_endpoint: `${loginUrl}/${tenantId}/oauth2/v2.0/token`,
      issuer: `${loginUrl}/${tenantId}/v2.0`,
    });
  });
});

describe('access tokens', () => {
  test('end when their lifetime is over', async () => {
    await bench.simulator.control.updateSettings({ tokenLifetimeSeconds: 1 });
    const token = await bench.graph.token();
    const call = (): ReturnType<typeof bench.graph.call> =>
      bench.graph.call('/organization', { headers: { authorization: `Bearer ${token}` } });
    expect((await call()).status).toBe(200);
    let answer = await call();
    for (let wait = 0; answer.status === 200 && wait < 100; wait++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      answer = await call();
    }
    expect([answer.status, answer.json.error.code]).toEqual([401, 'InvalidAuthenticationToken']);
    expect(answer.json.error.message).toContain('Lifetime validation failed');
    await bench.simulator.control.updateSettings({ tokenLifetimeSeconds: 3599 });
  });

  test('of others are refused, and so is none', async () => {
    for (const authorization of ['Bearer a.b.c', 'Basic x', '']) {
      const answer = await bench.graph.call('/organization', { headers: { authorization } });
      expect([answer.status, answer.json.error.code]).toEqual([401, 'InvalidAuthenticationToken']);
    }
  });
});

describe('permissions', () => {
  async function as(
    ...roles: string[]
  ): Promise<(path: string, method?: string) => Promise<[number, string | undefined]>> {
    const app = await bench.simulator.control.addApplication({ roles });
    const token = await bench.graph.token(app.clientId, app.clientSecret);
    return async (path, method = 'GET') => {
      const body = method === 'GET' ? {} : { body: { displayName: 'x' } };
      const answer = await bench.graph.call(path, { method, headers: { authorization: `Bearer ${token}` }, ...body });
      return [answer.status, answer.json?.error?.code];
    };
  }

  test('each operation asks for its own', async () => {
    const user = (await bench.simulator.control.users())[0]!.id;
    const folders = `/users/${user}/mailFolders`;
    const reader = await as('Mail.Read');
    expect(await reader(folders)).toEqual([200, undefined]);
    expect(await reader(folders, 'POST')).toEqual([403, 'ErrorAccessDenied']);
    expect(await reader('/users')).toEqual([403, 'Authorization_RequestDenied']);
    expect(await reader('/sites?search=*')).toEqual([403, 'accessDenied']);
    const directory = await as('User.Read.All');
    expect(await directory('/users')).toEqual([200, undefined]);
    expect(await directory(folders)).toEqual([403, 'ErrorAccessDenied']);
    expect(await directory(`/users/${user}/mailboxSettings`)).toEqual([403, 'ErrorAccessDenied']);
  });

  test('basic readers see no bodies and get no MIME', async () => {
    const user = (await bench.simulator.control.users())[0]!.id;
    const app = await bench.simulator.control.addApplication({ roles: ['Mail.ReadBasic.All'] });
    const headers = { authorization: `Bearer ${await bench.graph.token(app.clientId, app.clientSecret)}` };
    const { json } = await bench.graph.call(`/users/${user}/messages?$top=1`, { headers });
    expect(Object.keys(json.value[0])).toEqual(expect.not.arrayContaining(['body', 'bodyPreview']));
    expect((await bench.graph.call(`/users/${user}/messages/${json.value[0].id}/$value`, { headers })).status).toBe(
      403,
    );
  });

  test('without any role there is a body that says so', async () => {
    const user = (await bench.simulator.control.users())[0]!.id;
    expect((await (await as())(`/users/${user}/messages`))[1]).toBe('accessDenied');
  });
});
