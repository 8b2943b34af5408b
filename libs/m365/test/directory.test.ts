import { Secret } from '@backhaul/domain';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createTransport, openDirectory, openGraph, type Directory, type Transport } from '../src/index.ts';
import { startScriptedServer, type ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
let transport: Transport;
let directory: Directory;

beforeAll(async () => {
  server = await startScriptedServer();
  transport = createTransport({ caCertificates: [server.ca] });
});
beforeEach(() => {
  server.arrivals.length = 0;
  const { signal } = new AbortController();
  const token = async () => new Secret('t');
  directory = openDirectory(openGraph({ root: server.root, linkHosts: [], token, signal, taskTag: 't', transport }));
});
afterAll(async () => {
  await transport.close();
  await server.close();
});

async function all<T>(pages: AsyncIterable<T[]>): Promise<T[]> {
  const entries: T[] = [];
  for await (const page of pages) entries.push(...page);
  return entries;
}

test('the organization has its default domain first', async () => {
  const verifiedDomains = [{ name: 'b.example' }, { name: 'a.example', isDefault: true }];
  server.answer = (arrival) => arrival.reply(200, { value: [{ id: 'o', displayName: 'Org', verifiedDomains }] });
  expect(await directory.organization()).toEqual({ id: 'o', displayName: 'Org', domains: ['a.example', 'b.example'] });
});

test('users say what their mailbox is for, and whether they have one', async () => {
  const users = ['user', 'shared', 'room', 'none', 'denied', 'inactive'];
  const settings = (id: string) => {
    if (id === 'none') return { status: 404, body: { error: { code: 'ResourceNotFound' } } };
    if (id === 'inactive') return { status: 404, body: { error: { code: 'MailboxNotEnabledForRESTAPI' } } };
    if (id === 'denied') return { status: 403, body: { error: { code: 'ErrorAccessDenied' } } };
    return { status: 200, body: { userPurpose: id } };
  };
  server.answer = (arrival) => {
    if (arrival.url === '/v1.0/$batch') {
      const { requests } = JSON.parse(arrival.body.toString()) as { requests: { id: string; url: string }[] };
      return arrival.reply(200, {
        responses: requests.map(({ id, url }) => ({ id, ...settings(url.split('/')[2] ?? '') })),
      });
    }
    arrival.reply(200, {
      value: users.map((id) => ({
        id,
        displayName: id,
        mail: null,
        userPrincipalName: `${id}@x`,
        accountEnabled: true,
      })),
    });
  };
  const found = await all(directory.users());
  expect(found.map(({ mailbox }) => mailbox)).toEqual(['user', 'shared', 'room', null, 'unknown', null]);
  expect(found[0]).toEqual({
    id: 'user',
    displayName: 'user',
    address: 'user@x',
    accountEnabled: true,
    mailbox: 'user',
  });
  const [listing] = server.arrivals;
  expect(listing?.headers['consistencylevel']).toBe('eventual');
  expect(decodeURIComponent(listing?.url ?? '')).toContain("userType ne 'Guest'");
});

test('groups say whether they are teams; sites of persons are left out', async () => {
  server.answer = (arrival) =>
    arrival.url.startsWith('/v1.0/groups')
      ? arrival.reply(200, {
          value: [
            { id: 'g', displayName: 'G', mail: 'g@x', resourceProvisioningOptions: [] },
            { id: 't', displayName: 'T', mail: 't@x', resourceProvisioningOptions: ['Team'] },
          ],
        })
      : arrival.reply(200, {
          value: [
            { id: 's', displayName: 'S', webUrl: 'https://x/s' },
            { id: 'p', displayName: 'P', webUrl: 'https://x/p', isPersonalSite: true },
          ],
        });
  expect((await all(directory.groups())).map(({ id, isTeam }) => [id, isTeam])).toEqual([
    ['g', false],
    ['t', true],
  ]);
  expect(await all(directory.sites())).toEqual([{ id: 's', displayName: 'S', webUrl: 'https://x/s' }]);
});
