import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as x509 from '@peculiar/x509';

/** A request as it arrived, and how to answer it. */
export interface Arrival {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
  /** Monotonic milliseconds of its arrival. */
  atMs: number;
  reply: (status: number, body?: unknown, headers?: Record<string, string>) => void;
  response: ServerResponse;
}

/** An HTTPS server on this host that answers as the test says, with a certificate of its own authority. */
export interface ScriptedServer {
  /** `https://localhost:port` */
  root: string;
  /** `localhost:port` */
  host: string;
  ca: string;
  arrivals: Arrival[];
  /** Answers every request from now on; a test may set another one at any time. */
  answer: (arrival: Arrival) => void;
  close(): Promise<void>;
}

export async function startScriptedServer(): Promise<ScriptedServer> {
  const { key, certificate } = await selfSigned();
  const server = createServer({ key, cert: certificate, keepAliveTimeout: 30_000 });
  const scripted: ScriptedServer = {
    root: '',
    host: '',
    ca: certificate,
    arrivals: [],
    answer: (arrival) => arrival.reply(200, {}),
    close: () => closed(server),
  };
  server.on('request', (request, response) => void receive(request, response, scripted));
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  scripted.host = `localhost:${(server.address() as AddressInfo).port}`;
  scripted.root = `https://${scripted.host}`;
  return scripted;
}

async function receive(request: IncomingMessage, response: ServerResponse, scripted: ScriptedServer): Promise<void> {
  const atMs = performance.now();
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const arrival: Arrival = {
    method: request.method ?? '',
    url: request.url ?? '',
    headers: request.headers,
    body: Buffer.concat(chunks),
    atMs,
    response,
    reply(status, body = '', headers = {}) {
      const raw = typeof body === 'string' || Buffer.isBuffer(body);
      response.writeHead(status, { 'content-type': raw ? 'text/plain' : 'application/json', ...headers });
      response.end(raw ? body : JSON.stringify(body));
    },
  };
  scripted.arrivals.push(arrival);
  scripted.answer(arrival);
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

async function selfSigned(): Promise<{ key: string; certificate: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  x509.cryptoProvider.set(webcrypto);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    // Authorities are looked up by name, so each server has its own.
    name: `CN=localhost ${webcrypto.randomUUID()}`,
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 86_400_000),
    extensions: [
      new x509.BasicConstraintsExtension(true),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }]),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
    certificate: certificate.toString('pem'),
  };
}
