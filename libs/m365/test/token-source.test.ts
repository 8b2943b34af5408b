import { generateKeyPairSync, verify } from 'node:crypto';
import { Secret } from '@backhaul/domain';
import { failureOf } from '@backhaul/engine/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createTokenSource, type ClientCredential, type TokenSource, type TokenSourceOptions } from '../src/index.ts';
import { startScriptedServer, type Arrival, type ScriptedServer } from './scripted-server.ts';

const TENANT = '0d4f6f3a-6f6e-4a52-9c1f-1f2e3d4c5b6a';
const CLIENT = '7b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8';
const SECRET: ClientCredential = { type: 'secret', secret: new Secret('canary-secret') };

let server: ScriptedServer;
const open: TokenSource[] = [];

beforeAll(async () => {
  server = await startScriptedServer();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((source) => source.close()));
  server.arrivals.length = 0;
});
afterAll(() => server.close());

function source(options: Partial<TokenSourceOptions> = {}): TokenSource {
  const made = createTokenSource({
    loginUrl: server.root,
    graphUrl: 'https://graph.example',
    directoryId: TENANT,
    clientId: CLIENT,
    credential: SECRET,
    caCertificates: [server.ca],
    ...options,
  });
  open.push(made);
  return made;
}

/** Discovery as Entra gives it, then `token` for each request for a token. */
function entra(token: (arrival: Arrival) => void): void {
  server.answer = (arrival) => {
    if (!arrival.url.includes('openid-configuration')) return token(arrival);
    const authority = `${server.root}/${TENANT}`;
    arrival.reply(200, {
      token_endpoint: `${authority}/oauth2/v2.0/token`,
      authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
      issuer: `${authority}/v2.0`,
      jwks_uri: `${authority}/discovery/v2.0/keys`,
      end_session_endpoint: `${authority}/oauth2/v2.0/logout`,
    });
  };
}

function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.x`;
}

const granted = (token: string) => (arrival: Arrival) =>
  arrival.reply(200, { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: token });

const tokenRequests = () => server.arrivals.filter(({ method }) => method === 'POST');

describe('a token source', () => {
  test('gives the token with its permissions, and the same one until it is asked to refresh it', async () => {
    let count = 0;
    entra((arrival) => granted(jwt({ n: (count += 1), roles: ['Mail.Read', 'User.Read.All'] }))(arrival));
    const tokens = source();
    const first = await tokens.token();
    const again = await tokens.token();
    const fresh = await tokens.refresh();
    expect(first.roles).toEqual(['Mail.Read', 'User.Read.All']);
    expect(first.expiresAt.getTime()).toBeGreaterThan(Date.now() + 3_000_000);
    expect(again.accessToken.reveal()).toBe(first.accessToken.reveal());
    expect(fresh.accessToken.reveal()).not.toBe(first.accessToken.reveal());
    expect(tokenRequests()).toHaveLength(2);
    const form = new URLSearchParams(tokenRequests()[0]?.body.toString());
    expect(form.get('scope')).toBe('https://graph.example/.default');
    expect(form.get('client_secret')).toBe('canary-secret');
  });

  test('proves itself with a certificate, without ever sending the key', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    entra(granted(jwt({ roles: [] })));
    await source({
      credential: { type: 'certificate', thumbprintSha256: 'AB'.repeat(32), privateKey: new Secret(pem) },
    }).token();
    const form = new URLSearchParams(tokenRequests()[0]?.body.toString());
    const [head = '', body = '', signature = ''] = (form.get('client_assertion') ?? '').split('.');
    const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg: string };
    const key = { key: publicKey, padding: 6, saltLength: 32 };
    expect(header.alg).toBe('PS256');
    expect(verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(form.get('client_secret')).toBeNull();
  });

  test.each<[number, number, string, string, string | undefined]>([
    [7000215, 401, 'unauthenticated', 'entra.secret-wrong', 'credential'],
    [7000222, 401, 'unauthenticated', 'entra.secret-expired', 'credential'],
    [700016, 400, 'invalid-input', 'entra.application-unknown', 'clientId'],
    [90002, 400, 'invalid-input', 'entra.tenant-unknown', 'directoryId'],
    [900023, 400, 'invalid-input', 'entra.tenant-unknown', 'directoryId'],
    [7000113, 401, 'forbidden', 'entra.application-disabled', 'clientId'],
    [700027, 401, 'unauthenticated', 'entra.certificate-wrong', 'credential'],
    [700024, 401, 'unauthenticated', 'entra.clock-wrong', 'credential'],
    [1002012, 400, 'invalid-input', 'entra.scope-refused', 'graphUrl'],
    [530034, 400, 'forbidden', 'entra.access-blocked', undefined],
    [90033, 503, 'unavailable', 'entra.busy', undefined],
    [999999, 400, 'unauthenticated', 'entra.refused', 'credential'],
  ])('says of AADSTS%i which field to correct, never the secret', async (number, status, kind, code, field) => {
    const text = `AADSTS${number}: Something about canary-secret. Trace ID: …`;
    entra((arrival) =>
      arrival.reply(status, { error: 'invalid_request', error_description: text, error_codes: [number] }),
    );
    const failure = await failureOf(source().token());
    expect([failure.kind, failure.code, failure.where['field']]).toEqual([kind, code, field]);
    expect(failure.hint).toBeTruthy();
    expect(JSON.stringify([failure.message, failure.hint, failure.where])).not.toContain('canary');
  });

  test.each(['common', 'organizations', ' ', ''])('asks for a real tenant instead of %p', async (directoryId) => {
    const failure = await failureOf(source({ directoryId }).token());
    expect(failure.where).toEqual({ field: 'directoryId' });
    expect(server.arrivals).toHaveLength(0);
  });

  test('says that the login address is wrong when there is no Entra', async () => {
    server.answer = (arrival) => arrival.reply(404, 'nothing here');
    const failure = await failureOf(source().token());
    expect([failure.kind, failure.where['field']]).toEqual(['invalid-input', 'loginUrl']);
  });

  test('says that the tenant is unknown when discovery says so', async () => {
    server.answer = (arrival) => arrival.reply(400, { error: 'invalid_tenant', error_codes: [90002] });
    const failure = await failureOf(source().token());
    expect([failure.kind, failure.where['field']]).toEqual(['invalid-input', 'directoryId']);
  });

  test('says that a host is not reachable, or not trusted', async () => {
    expect((await failureOf(source({ loginUrl: 'https://localhost:1' }).token())).code).toBe('graph.unreachable');
    expect((await failureOf(source({ caCertificates: [] }).token())).code).toBe('graph.tls-refused');
  });
});
