import { readFileSync } from 'node:fs';
import * as tls from 'node:tls';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { ConfidentialClientApplication, ServerError } from '@azure/msal-node';
import { Client, PageIterator } from '@microsoft/microsoft-graph-client';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({ mailboxes: 2, messages: 60 });

beforeAll(() => {
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), bench.simulator.caCertificate]);
});

function application(credential: object, tenant = bench.simulator.tenantId): ConfidentialClientApplication {
  const { loginUrl, clientId } = bench.simulator;
  return new ConfidentialClientApplication({
    auth: {
      clientId,
      authority: `${loginUrl}/${tenant}`,
      knownAuthorities: [new URL(loginUrl).host],
      ...credential,
    },
  });
}

const scopes = ['https://graph.microsoft.com/.default'];

function graphClient(token: () => Promise<string>): Client {
  return Client.initWithMiddleware({
    baseUrl: bench.simulator.graphUrl,
    customHosts: new Set(['127.0.0.1']),
    authProvider: { getAccessToken: token },
  });
}

describe('HTTPS', () => {
  test('is all there is: who does not trust the authority, or speaks plain HTTP, gets nothing', async () => {
    const { graphUrl } = bench.simulator;
    const trusting = tls.rootCertificates;
    const words = await new Promise<string>((resolve) => {
      const socket = tls.connect({ host: '127.0.0.1', port: Number(new URL(graphUrl).port), ca: [...trusting] });
      socket.once('secureConnect', () => resolve('connected'));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
    expect(words).toMatch(/SELF_SIGNED|UNABLE_TO/);
    await expect(fetch(`${graphUrl.replace('https:', 'http:')}/v1.0/users`)).rejects.toThrow('fetch failed');
  });
});

describe('@azure/msal-node', () => {
  test('gets a token with the secret', async () => {
    const result = await application({ clientSecret: bench.simulator.clientSecret }).acquireTokenByClientCredential({
      scopes,
    });
    expect(result?.accessToken.split('.')).toHaveLength(3);
  });

  test('gets a token with the certificate', async () => {
    const { keyPath, thumbprintSha256 } = bench.simulator.clientCertificate;
    const clientCertificate = { privateKey: readFileSync(keyPath, 'utf8'), thumbprintSha256 };
    const result = await application({ clientCertificate }).acquireTokenByClientCredential({ scopes });
    expect(result?.accessToken).toBeTruthy();
  });

  test('reports a wrong secret by its number', async () => {
    const attempt = application({ clientSecret: 'wrong' }).acquireTokenByClientCredential({ scopes });
    const error: unknown = await attempt.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ServerError);
    expect(error).toMatchObject({ errorCode: 'invalid_client', errorNo: 7000215 });
  });

  test('cannot resolve a tenant that is not there', async () => {
    const unknown = '11111111-2222-4333-8444-555555555555';
    const attempt = application({ clientSecret: 'x' }, unknown).acquireTokenByClientCredential({ scopes });
    await expect(attempt).rejects.toThrow();
  });
});

describe('@microsoft/microsoft-graph-client', () => {
  test('pages through all messages of a mailbox and gets their MIME', async () => {
    const msal = application({ clientSecret: bench.simulator.clientSecret });
    const client = graphClient(async () => (await msal.acquireTokenByClientCredential({ scopes }))!.accessToken);
    const [user] = await bench.simulator.control.users();
    const first = await client.api(`/users/${user!.id}/messages`).top(7).select('id,subject').get();
    const ids: string[] = [];
    await new PageIterator(client, first, (message: { id: string }) => ids.push(message.id) > 0).iterate();
    expect(new Set(ids).size).toBe(user!.messages);
    const mime = (await client
      .api(`/users/${user!.id}/messages/${ids[0]}/$value`)
      .responseType('arraybuffer' as never)
      .get()) as ArrayBuffer;
    expect(Buffer.from(mime).toString('latin1')).toMatch(/^Received: .*\r\nMIME-Version: 1\.0\r\n/s);
  });

  test('turns error bodies into errors with status and code', async () => {
    const client = graphClient(() => bench.graph.token());
    const error: unknown = await client
      .api('/users/nobody@nowhere.example')
      .get()
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ statusCode: 404, code: 'Request_ResourceNotFound' });
  });
});
