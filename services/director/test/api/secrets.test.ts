import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '@backhaul/domain';
import { issueSetupToken } from '../../src/access/setup-token.ts';
import { rows } from '../../src/database/statement.ts';
import { apiForTests } from '../../testing/fixtures/api.ts';
import { simulatorForTests, trusting } from '../../testing/fixtures/simulator.ts';
import { type Answered } from '../../testing/running-api.ts';

const simulator = simulatorForTests({ mailboxes: 2, messages: 2 });
const api = apiForTests(() => trusting(simulator));
/** Every answer that came, but those that show a new secret this once. */
const answers: string[] = [];
/** By what it is: a secret that was given to the Director or made by it. */
const secrets = new Map<string, string>();

beforeAll(() => useThemAll(), 120_000);

const canary = (what: string): string => {
  const secret = `canary-${randomBytes(12).toString('hex')}`;
  secrets.set(what, secret);
  return secret;
};

async function call(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const answered = await api.call(method, path, { body, headers });
  answers.push(answered.text);
  return answered;
}
/** The answer may hold the new secret, and only there. */
async function callForSecret(what: string, path: string, body: object, member: string): Promise<Answered> {
  const answered = await api.call('POST', path, { body });
  expect(answered.status).toBe(201);
  secrets.set(what, answered.body[member]);
  return answered;
}

const tenant = (credential: object, changes: object = {}) => ({
  name: `Contoso ${randomUUID()}`,
  directoryId: simulator.tenantId,
  clientId: simulator.clientId,
  credential,
  loginUrl: simulator.loginUrl,
  graphUrl: simulator.graphUrl,
  ...changes,
});
const repository = (changes: object) => ({
  name: `Repository ${randomUUID()}`,
  type: 'disk',
  folder: join(api.repositoryRoot, randomUUID()),
  ...changes,
});

/** Gives the Director every kind of secret: where it is right, where it is wrong, and where it does not belong. */
async function useThemAll(): Promise<void> {
  await tenantsWithSecrets();
  await repositoriesWithSecrets();
  await tokens();
  for (const path of ['/tenants', '/repositories', '/transporters', '/jobs', '/runs', '/tokens', '/health']) {
    await call('GET', path);
  }
}

async function tenantsWithSecrets(): Promise<void> {
  const wrong = { type: 'secret', secret: canary('a wrong client secret') };
  expect((await call('POST', '/tenants', tenant(wrong))).body.code).toBe('entra.secret-wrong');
  const refused = { type: 'secret', secret: canary('the client secret of a request that is refused') };
  await call('POST', '/tenants', tenant(refused, { name: '', unknown: 1 }));
  await call('POST', '/tenants', tenant({ ...refused, secret: { nested: canary('a secret in the wrong form') } }));
  await call('POST', '/tenants', tenant({ type: canary('a secret as the type of a credential'), secret: 'x' }));
  await call(
    'POST',
    '/tenants',
    tenant(refused, { graphUrl: `https://u:${canary('a password in an address')}@h.example` }),
  );
  const privateKey = `-----BEGIN PRIVATE KEY-----\n${canary('a private key that is none')}\n-----END PRIVATE KEY-----`;
  const certificate = readFileSync(simulator.clientCertificate.certificatePath, 'utf8');
  await call('POST', '/tenants', tenant({ type: 'certificate', certificate, privateKey }));
  await api.call('POST', '/jobs', { rawBody: `{"name": "${canary('a secret in a body that is cut off')}` });

  const { clientId, clientSecret } = await simulator.control.addApplication({
    roles: ['User.Read.All', 'Organization.Read.All', 'Mail.Read'],
  });
  secrets.set('the client secret', clientSecret ?? '');
  const connected = await call('POST', '/tenants', tenant({ type: 'secret', secret: clientSecret }, { clientId }));
  expect(connected.status).toBe(201);
  const { id } = connected.body;
  await call('POST', `/tenants/${id}/inventory:refresh`, {});
  await simulator.control.updateApplication(clientId, { expireSecrets: true });
  expect((await call('POST', `/tenants/${id}:test`)).body.code).toBe('entra.secret-expired');
  await call('PATCH', `/tenants/${id}`, { credential: wrong }, { 'if-match': '"1"' });
}

async function repositoriesWithSecrets(): Promise<void> {
  const password = canary('the password of a repository');
  const made = await call('POST', '/repositories', repository({ password }));
  expect(made.status).toBe(201);
  await call('POST', `/repositories/${made.body.id}:check`, { data: true });
  await rows(api.database, 'delete from repositories');
  await call(
    'POST',
    '/repositories:attach',
    repository({ folder: made.body.folder, password: canary('a wrong password') }),
  );
  await call('POST', '/repositories:attach', repository({ folder: made.body.folder, password }));
  await call('POST', '/repositories', repository({ folder: '/', password: canary('a password for nowhere') }));
  await callForSecret('a password that was made', '/repositories', repository({}), 'generatedPassword');
}

async function tokens(): Promise<void> {
  const joinToken = (await callForSecret('a join token', '/transporters/join-tokens', {}, 'joinToken')).body.joinToken;
  await call('POST', '/transporters:enrol', {
    joinToken,
    name: '',
    natsPublicKey: 'U',
    sealingKey: { kty: 'EC', crv: 'x', x: 'x' },
  });
  await callForSecret('an API token', '/tokens', { name: 'ci', role: 'viewer' }, 'token');
  const stolen = canary('a token that is none');
  await api.call('GET', '/jobs', { as: null, headers: { authorization: `Bearer ${stolen}` } });
  await rows(api.database, `update api_tokens set revoked_at = now() where role = 'admin'`);
  const setup = await issueSetupToken(api.database, systemClock());
  secrets.set('a set-up token', setup?.token.reveal() ?? '');
  await call('POST', '/setup', { setupToken: canary('a set-up token that is wrong'), name: 'x' });
  const first = await api.call('POST', '/setup', { body: { setupToken: setup?.token.reveal() } });
  secrets.set('the first API token', first.body.token);
  api.tokens.admin = first.body.token;
}

/** All rows of all tables as text, bytes in hex. */
async function storedText(): Promise<string> {
  const tables = await rows<{ content: string }>(
    api.database,
    `select query_to_xml(format('select t::text from %I t', tablename), true, true, '')::text as content
       from pg_tables where schemaname = 'public'`,
  );
  return tables.map(({ content }) => content).join('\n');
}

/** The ways in which a secret might be written down. */
const spellings = (secret: string) => {
  const bytes = Buffer.from(secret);
  return [secret, bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, ''), encodeURIComponent(secret)];
};
const found = (text: string) =>
  [...secrets].flatMap(([what, secret]) => (spellings(secret).some((form) => text.includes(form)) ? [what] : []));

describe('a secret that was given or made', () => {
  test('is one of many kinds', () => {
    expect(secrets.size).toBe(18);
    expect([...secrets.values()].every((secret) => secret.length > 15)).toBe(true);
  });

  test('stands in no answer', () => {
    expect(answers.length).toBeGreaterThan(20);
    expect(found(answers.join('\n'))).toEqual([]);
  });

  test('stands in no line of the log', () => {
    expect(api.log.length).toBeGreaterThan(10);
    expect(found(api.log.join(''))).toEqual([]);
  });

  test('stands plainly in no row of the database', async () => {
    const stored = await storedText();
    expect(stored).toContain(simulator.tenantId);
    expect(found(stored)).toEqual([]);
  });

  test('stands plainly in no file of a repository', () => {
    const files = readdirSync(api.repositoryRoot, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect(found(readFileSync(join(file.parentPath, file.name), 'latin1'))).toEqual([]);
  });
});
