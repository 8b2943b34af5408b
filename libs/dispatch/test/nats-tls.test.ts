import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { tlsOptions } from '../src/nats/tls-options.ts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as x509 from '@peculiar/x509';
import { isFailure, Secret } from '@backhaul/domain';
import { directorCredentials, startNats, type NatsServer } from '@backhaul/local-servers';
import { connectNats, dispatchNames } from '../src/index.ts';

/** TLS to the server: only who the given authority vouches for (SEC-T12). */
describe('a connection with TLS', () => {
  let server: NatsServer;
  let ca: string;
  let otherCa: string;
  const inboxPrefix = dispatchNames('main').directorInbox();

  beforeAll(async () => {
    const authority = await makeAuthority('CN=Test authority');
    ca = authority.certificate;
    otherCa = (await makeAuthority('CN=Another authority')).certificate;
    server = await startNats({ tls: await authority.issue({ type: 'dns', value: 'localhost' }) });
  }, 120_000);
  afterAll(() => server.stop());

  const connect = async (options: { ca?: string; servers?: string }) =>
    connectNats({
      servers: server.url,
      name: 'test',
      inboxPrefix,
      credentials: new Secret(await directorCredentials(server.authority)),
      ...options,
    });

  test('is made when the authority is the given one', async () => {
    const connection = await connect({ ca });
    expect(connection.info?.tls_required).toBe(true);
    await connection.close();
  });

  test.each<[what: string, options: () => { ca?: string; servers?: string }]>([
    ['the authority is another', () => ({ ca: otherCa })],
    ['the authority is unknown to the system', () => ({})],
    ['the certificate is for another name', () => ({ ca, servers: server.url.replace('localhost', '127.0.0.1') })],
  ])('is refused when %s', async (_what, options) => {
    const failure: unknown = await connect(options()).then(
      (connection) => connection.close(),
      (error: unknown) => error,
    );
    expect(isFailure(failure, 'unreachable')).toBe(true);
  });
});

describe('a connection with TLS to an address', () => {
  test('is made when the certificate is for that address', async () => {
    const authority = await makeAuthority('CN=Test authority');
    const server = await startNats({ tls: await authority.issue({ type: 'ip', value: '127.0.0.1' }) });
    const connection = await connectNats({
      servers: server.url.replace('localhost', '127.0.0.1'),
      name: 'test',
      inboxPrefix: dispatchNames('main').directorInbox(),
      credentials: new Secret(await directorCredentials(server.authority)),
      ca: authority.certificate,
    });
    await connection.close();
    await server.stop();
  });

  test('cannot be made to several, whose certificates could not be checked', () => {
    expect(() => tlsOptions(['tls://10.0.0.1:4222', 'tls://10.0.0.2:4222'], undefined)).toThrow(/host names|addresses/);
  });

  test.each([
    ['nothing demands it', ['nats://10.0.0.1'], undefined, null],
    ['a name', ['tls://nats.example'], undefined, { minVersion: 'TLSv1.3' }],
    ['an authority', ['nats://nats.example'], 'pem', { minVersion: 'TLSv1.3', ca: 'pem' }],
    ['an address', ['tls://[::1]:4222'], undefined, { minVersion: 'TLSv1.3', host: '::1' }],
    ['several names', ['tls://a.example', 'b.example:4222'], undefined, { minVersion: 'TLSv1.3' }],
  ])('or otherwise has the options for %s', (_what, servers, ca, options) => {
    expect(tlsOptions(servers, ca)).toEqual(options);
  });
});

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

async function makeAuthority(name: string) {
  x509.cryptoProvider.set(webcrypto as never);
  const keys = await newKeys();
  const validity = { notBefore: new Date('2020-01-01'), notAfter: new Date('2090-01-01') };
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ name, keys, ...validity, signingAlgorithm: ALGORITHM },
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    certificate: certificate.toString('pem'),
    async issue(host: { type: 'dns' | 'ip'; value: string }): Promise<{ cert: string; key: string }> {
      const hostKeys = await newKeys();
      const issued = await x509.X509CertificateGenerator.create({
        ...{ subject: `CN=${host.value}`, issuer: certificate.subject, ...validity, signingAlgorithm: ALGORITHM },
        publicKey: hostKeys.publicKey,
        signingKey: keys.privateKey,
        extensions: [new x509.SubjectAlternativeNameExtension([host])],
      });
      const key = await webcrypto.subtle.exportKey('pkcs8', hostKeys.privateKey);
      return { cert: issued.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') };
    },
  };
}

async function newKeys() {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}
