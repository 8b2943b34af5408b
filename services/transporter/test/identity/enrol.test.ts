import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Secret } from '@backhaul/domain';
import { enrolTransporter } from '../../src/identity/enrol.ts';

/** A server that answers like a Director, or like something else. */
let server: Server | undefined;
let asked: { path: string | undefined; body: Record<string, unknown> } | null = null;

afterEach(async () => {
  await new Promise((resolve) => (server === undefined ? resolve(null) : server.close(resolve)));
  server = undefined;
});

async function answering(status: number, body: string, type = 'application/json'): Promise<string> {
  server = createServer((request: IncomingMessage, response) => {
    void text(request).then((sent) => {
      asked = { path: request.url, body: JSON.parse(sent) as Record<string, unknown> };
      response.writeHead(status, { 'content-type': type, connection: 'close' }).end(body);
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const enrol = (directorUrl: string) =>
  enrolTransporter({ directorUrl, joinToken: new Secret('bhj_once'), name: 'north', fetch });

const answer = {
  transporterId: '0199b1a0-5c3e-7d10-9f5a-2b1e6c0d4f01',
  installation: 'installation-1',
  natsCredentialsJwt: 'jwt',
  directorPublicKey: { kty: 'OKP', crv: 'Ed25519', x: 'x' },
};

describe('Enrolling', () => {
  test('sends the public halves of new keys and keeps the private ones', async () => {
    const url = await answering(200, JSON.stringify(answer));
    const identity = await enrol(url);
    expect(identity).toMatchObject({ transporterId: answer.transporterId, name: 'north', natsJwt: 'jwt' });
    expect(asked).toMatchObject({
      path: '/api/v1/transporters:enrol',
      body: { joinToken: 'bhj_once', name: 'north', natsPublicKey: expect.stringMatching(/^U[A-Z2-7]{55}$/) },
    });
    expect(identity.natsSeed).toMatch(/^SU/);
    expect(identity.sealingPrivateKey).toHaveProperty('d');
    expect(asked?.body['sealingKey']).not.toHaveProperty('d');
    expect(JSON.stringify(asked?.body)).not.toContain(identity.natsSeed);
    expect((await enrol(url)).natsSeed).not.toBe(identity.natsSeed);
  });

  test('with a join token that the Director refuses fails with the Director’s own words', async () => {
    const problem = {
      code: 'join-token.invalid',
      title: 'Forbidden',
      detail: 'The join token is unknown, used up or expired.',
      hint: 'Ask an administrator for a new one.',
    };
    const failure = await enrol(await answering(403, JSON.stringify(problem))).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      kind: 'forbidden',
      code: problem.code,
      message: problem.detail,
      hint: problem.hint,
    });
    expect(JSON.stringify(failure)).not.toContain('bhj_once');
  });

  test.each([
    [502, '<html>Bad gateway</html>', { kind: 'forbidden', message: 'The Director refused: 502.' }],
    [200, '<html>Welcome</html>', { kind: 'invalid-input', where: { field: 'BACKHAUL_DIRECTOR_URL' } }],
    [200, '{"transporterId": "7"}', { kind: 'invalid-input', where: { field: 'BACKHAUL_DIRECTOR_URL' } }],
  ])('with something that is no Director (%d, %s) says so', async (status, body, expected) => {
    const failure = await enrol(await answering(status, body, 'text/html')).catch((error: unknown) => error);
    const { where, ...rest } = expected as { where?: object };
    expect(failure).toMatchObject({ ...rest, ...(where && { where: expect.objectContaining(where) }) });
  });

  test('where nobody listens says which address, and what to check', async () => {
    const url = await answering(200, '');
    await new Promise((resolve) => server?.close(resolve));
    server = undefined;
    await expect(enrol(url)).rejects.toMatchObject({
      kind: 'unreachable',
      message: `The Director at ${url} does not answer.`,
      hint: expect.stringContaining('BACKHAUL_DIRECTOR_URL'),
    });
  });
});
