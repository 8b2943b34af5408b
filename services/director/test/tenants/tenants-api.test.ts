import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { freePort } from '@backhaul/local-servers';
import { rows } from '../../src/database/statement.ts';
import { apiForTests } from '../../testing/fixtures/api.ts';
import { simulatorForTests, trusting } from '../../testing/fixtures/simulator.ts';
import { newTenant } from '../../testing/request-bodies.ts';

const deadHost = `127.0.0.1:${await freePort()}`;
const simulator = simulatorForTests({ mailboxes: 6, messages: 6 });
const api = apiForTests(() => trusting(simulator, deadHost));
afterEach(async () => {
  await simulator.control.clearFaults();
  await rows(api.database, 'truncate tenants cascade');
});

const connect = (changes: object = {}) => api.call('POST', '/tenants', { body: newTenant(simulator, changes) });
const known = async () => (await rows(api.database, 'select id from tenants')).length;
const certificate = () => ({
  type: 'certificate',
  certificate: readFileSync(simulator.clientCertificate.certificatePath, 'utf8'),
  privateKey: readFileSync(simulator.clientCertificate.keyPath, 'utf8'),
});

describe('a tenant', () => {
  test('is connected with a secret after the connection was tried', async () => {
    const { status, body, headers } = await connect();
    expect(status).toBe(201);
    expect(body).toMatchObject({
      name: 'Contoso',
      credential: { type: 'secret', set: true, fingerprint: expect.stringMatching(/^[0-9a-f]{8}$/) },
      preflight: { roles: expect.arrayContaining(['Mail.ReadWrite']), missing: [], excess: [] },
    });
    expect(headers.get('etag')).toBe('"1"');
    expect((await api.call('GET', `/tenants/${body.id}`)).body).toEqual(body);
  });

  test('is connected with a certificate', async () => {
    const { status, body } = await connect({ credential: certificate() });
    expect([status, body.credential.fingerprint]).toEqual([201, simulator.clientCertificate.thumbprintSha256]);
    expect((await api.call('POST', `/tenants/${body.id}:test`)).status).toBe(200);
  });

  test('that may not restore is connected, and the report says so', async () => {
    const roles = ['User.Read.All', 'Organization.Read.All', 'Mail.Read', 'Sites.FullControl.All'];
    const { clientId, clientSecret } = await simulator.control.addApplication({ roles });
    const { status, body } = await connect({ clientId, credential: { type: 'secret', secret: clientSecret } });
    expect(status).toBe(201);
    expect(body.preflight.missing).toEqual(
      expect.arrayContaining([{ permission: 'Mail.ReadWrite', purpose: 'restore mail', required: false }]),
    );
    expect(body.preflight.excess).toEqual(['Sites.FullControl.All']);
  });

  test('is connected once', async () => {
    await connect();
    expect((await connect({ name: 'Other' })).body).toMatchObject({ status: 409, code: 'tenant.connected-already' });
    const directoryId = simulator.tenantId.toUpperCase();
    expect((await connect({ name: 'Other', directoryId })).body.code).toBe('tenant.connected-already');
    expect((await connect({ name: 'CONTOSO', directoryId: randomUUID() })).body.code).toBe('tenant.name-taken');
  });
});

describe('what does not work', () => {
  const cases: [string, () => Promise<object> | object, string, string][] = [
    ['a tenant id that does not exist', () => ({ directoryId: randomUUID() }), 'entra.tenant-unknown', '/directoryId'],
    ['a client id that does not exist', () => ({ clientId: randomUUID() }), 'entra.application-unknown', '/clientId'],
    [
      'a wrong secret',
      () => ({ credential: { type: 'secret', secret: 'wrong' } }),
      'entra.secret-wrong',
      '/credential',
    ],
    [
      'a login host that is not Microsoft’s',
      () => ({ loginUrl: 'https://login.example.com' }),
      'tenant.endpoint-refused',
      '/loginUrl',
    ],
    [
      'a Graph host that is not Microsoft’s',
      () => ({ graphUrl: 'https://169.254.169.254' }),
      'tenant.endpoint-refused',
      '/graphUrl',
    ],
    [
      'a login address of another cloud',
      () => ({ loginUrl: 'https://login.microsoftonline.us', graphUrl: 'https://graph.microsoft.com' }),
      'tenant.endpoint-refused',
      '/loginUrl',
    ],
    [
      'a login address that does not answer',
      () => ({ loginUrl: `https://${deadHost}` }),
      'tenant.unreachable',
      '/loginUrl',
    ],
    [
      'a Graph address that the login host does not know',
      () => ({ graphUrl: `https://${deadHost}` }),
      'entra.scope-refused',
      '/graphUrl',
    ],
    [
      'an address without TLS',
      () => ({ graphUrl: simulator.graphUrl.replace('https', 'http') }),
      'request.invalid',
      '/graphUrl',
    ],
    ['a tenant id that is none', () => ({ directoryId: 'contoso' }), 'request.invalid', '/directoryId'],
    [
      'an empty secret',
      () => ({ credential: { type: 'secret', secret: '' } }),
      'request.invalid',
      '/credential/secret',
    ],
    [
      'a certificate that is none',
      () => ({ credential: { ...certificate(), certificate: 'x' } }),
      'tenant.credential-invalid',
      '/credential/certificate',
    ],
    [
      'a key that is none',
      () => ({ credential: { ...certificate(), privateKey: 'x' } }),
      'tenant.credential-invalid',
      '/credential/privateKey',
    ],
    [
      'a credential of another type',
      () => ({ credential: { type: 'password' } }),
      'request.invalid',
      '/credential/type',
    ],
    ['a name that is too long', () => ({ name: 'x'.repeat(256) }), 'name.invalid', '/name'],
    ...['User.Read.All', 'Organization.Read.All', 'Mail.Read'].map(
      (missing): [string, () => Promise<object>, string, string] => [
        `an application without ${missing}`,
        async () => {
          const roles = ['User.Read.All', 'Organization.Read.All', 'Mail.Read'].filter((role) => role !== missing);
          const { clientId, clientSecret } = await simulator.control.addApplication({ roles });
          return { clientId, credential: { type: 'secret', secret: clientSecret } };
        },
        'tenant.permission-missing',
        '/clientId',
      ],
    ),
  ];

  test.each(cases)(
    '%s is refused with field and remedy, and nothing is stored',
    async (_name, wrong, code, pointer) => {
      const { status, body } = await connect(await wrong());
      expect([status, body.code, body.errors.map((error: { pointer: string }) => error.pointer)]).toEqual([
        422,
        code,
        [pointer],
      ]);
      expect(body.hint.length).toBeGreaterThan(15);
      expect(await known()).toBe(0);
    },
  );

  test('a missing permission is named', async () => {
    const { clientId, clientSecret } = await simulator.control.addApplication({
      roles: ['User.Read.All', 'Organization.Read.All'],
    });
    const { body } = await connect({ clientId, credential: { type: 'secret', secret: clientSecret } });
    expect(body.detail).toContain('Mail.Read');
    expect(body.where.permission).toBe('Mail.Read');
  });

  test('an expired secret is told apart from a wrong one', async () => {
    const { clientId, clientSecret } = await simulator.control.addApplication({ roles: ['Mail.Read'] });
    await simulator.control.updateApplication(clientId, { expireSecrets: true });
    expect((await connect({ clientId, credential: { type: 'secret', secret: clientSecret } })).body.code).toBe(
      'entra.secret-expired',
    );
  });

  test('a token is never sent where a forged link leads', async () => {
    const { body } = await connect();
    await simulator.control.addFault({
      match: { pathRegex: '/users' },
      effect: { kind: 'foreign-link', host: `https://${deadHost}` },
    });
    const refreshed = await api.call('POST', `/tenants/${body.id}/inventory:refresh`, { body: {} });
    expect(refreshed.status < 500).toBe(true);
  });
});

describe('a new credential', () => {
  test('replaces the old one only when it works', async () => {
    const { body: tenant } = await connect();
    const change = (credential: object) =>
      api.call('PATCH', `/tenants/${tenant.id}`, { body: { credential }, headers: { 'if-match': '"1"' } });
    expect((await change({ type: 'secret', secret: 'wrong' })).body.code).toBe('entra.secret-wrong');
    expect((await api.call('GET', `/tenants/${tenant.id}`)).body).toEqual(tenant);
    const changed = await change(certificate());
    expect(changed.body).toMatchObject({ version: 2, credential: { type: 'certificate' } });
    expect((await api.call('POST', `/tenants/${tenant.id}:test`)).status).toBe(200);
  });

  test('needs the version that was seen', async () => {
    const { body } = await connect();
    const rename = (headers: Record<string, string>) =>
      api.call('PATCH', `/tenants/${body.id}`, { body: { name: 'New' }, headers });
    expect([
      (await rename({})).status,
      (await rename({ 'if-match': '"2"' })).status,
      (await rename({ 'if-match': '"1"' })).status,
    ]).toEqual([428, 412, 200]);
  });
});

test('the test of a stored connection finds what was taken away since', async () => {
  const roles = ['User.Read.All', 'Organization.Read.All', 'Mail.Read', 'Mail.ReadWrite'];
  const { clientId, clientSecret } = await simulator.control.addApplication({ roles });
  const { body } = await connect({ clientId, credential: { type: 'secret', secret: clientSecret } });
  await simulator.control.updateApplication(clientId, { roles: roles.slice(0, 3) });
  const tested = await api.call('POST', `/tenants/${body.id}:test`);
  expect(tested.body.missing).toEqual(
    expect.arrayContaining([expect.objectContaining({ permission: 'Mail.ReadWrite' })]),
  );
  expect((await api.call('GET', `/tenants/${body.id}`)).body.preflight).toEqual(tested.body);
});
