import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { rows } from '../../src/database/statement.ts';
import { apiForTests } from '../../testing/fixtures/api.ts';
import { simulatorForTests, trusting } from '../../testing/fixtures/simulator.ts';
import { newTenant } from '../../testing/request-bodies.ts';
import { startApiUnderTest } from '../../testing/running-api.ts';

const simulator = simulatorForTests({ mailboxes: 6, messages: 6 });
const api = apiForTests(() => trusting(simulator));
afterEach(async () => {
  await simulator.control.clearFaults();
  await rows(api.database, 'truncate tenants cascade');
});

const connect = (changes: object = {}) => api.call('POST', '/tenants', { body: newTenant(simulator, changes) });

describe('the inventory', () => {
  test('shows what the tenant shows, mailboxes alone selectable', async () => {
    const { body: tenant } = await connect();
    const { body } = await api.call('POST', `/tenants/${tenant.id}/inventory:refresh`, { body: {} });
    const users = (await simulator.control.users()).filter(({ kind }) => ['user', 'shared', 'room'].includes(kind));
    expect(body.kinds).toEqual(
      expect.arrayContaining([{ kind: 'mailbox', seen: users.length, gone: 0, failure: null }]),
    );
    const listed = (await api.call('GET', `/tenants/${tenant.id}/inventory?limit=200`)).body.items;
    const mailboxes = listed.filter((object: { kind: string }) => object.kind === 'mailbox');
    expect(mailboxes.map((object: { externalId: string }) => object.externalId).sort()).toEqual(
      users.map(({ id }) => id).sort(),
    );
    expect(
      listed.every(
        (object: { kind: string; selectable: boolean }) => object.selectable === (object.kind === 'mailbox'),
      ),
    ).toBe(true);
  });

  test('keeps ids over a refresh and marks what is gone', async () => {
    const { body: tenant } = await connect();
    const refresh = () => api.call('POST', `/tenants/${tenant.id}/inventory:refresh`, { body: {} });
    const list = async (query = '') =>
      (await api.call('GET', `/tenants/${tenant.id}/inventory?kind=mailbox&limit=200${query}`)).body.items;
    await refresh();
    const before = await list();
    const user = await simulator.control.addUser({ displayName: 'Zora New' });
    await rows(
      api.database,
      `insert into protected_objects (id, tenant_id, kind, external_id, display_name, seen_at)
       values (gen_random_uuid(), $1, 'mailbox', 'left', 'Left the company', now() - interval '1 day')`,
      [tenant.id],
    );
    const refreshed = (await refresh()).body.kinds.find((kind: { kind: string }) => kind.kind === 'mailbox');
    expect(refreshed.gone).toBe(1);
    const after = await list();
    expect(after.filter((object: { externalId: string }) => object.externalId !== user.id)).toEqual(
      before.map((object: object) => ({ ...object, seenAt: expect.any(String) })),
    );
    expect(
      (await list('&gone=true')).find((object: { externalId: string }) => object.externalId === 'left'),
    ).toMatchObject({
      selectable: false,
      goneAt: expect.any(String),
    });
    const found = await list('&search=zORA');
    expect(found.map((object: { externalId: string }) => object.externalId)).toEqual([user.id]);
    expect(await list(`&search=${encodeURIComponent("%_' or 1=1 --")}`)).toEqual([]);
  });

  test('of a kind that may not be listed is reported, and the others are there', async () => {
    const roles = ['User.Read.All', 'Organization.Read.All', 'Mail.Read', 'MailboxSettings.Read'];
    const { clientId, clientSecret } = await simulator.control.addApplication({ roles });
    const { body: tenant } = await connect({ clientId, credential: { type: 'secret', secret: clientSecret } });
    const { body } = await api.call('POST', `/tenants/${tenant.id}/inventory:refresh`, { body: {} });
    const byKind = Object.fromEntries(body.kinds.map((kind: { kind: string }) => [kind.kind, kind]));
    expect(byKind.mailbox.failure).toBeNull();
    expect(byKind.groupMailbox.failure.code).toMatch(/permission/);
  });

  test('that cannot be read because of the credential says so, and is no fault of the API token', async () => {
    const roles = ['User.Read.All', 'Organization.Read.All', 'Mail.Read'];
    const { clientId, clientSecret } = await simulator.control.addApplication({ roles });
    const { body: tenant } = await connect({ clientId, credential: { type: 'secret', secret: clientSecret } });
    await simulator.control.updateApplication(clientId, { expireSecrets: true });
    const another = await startApiUnderTest(api.database, {
      allowedHosts: [new URL(simulator.graphUrl).host],
      caCertificates: [readFileSync(simulator.caPath, 'utf8')],
      secrets: api.secrets,
    });
    const { status, body } = await another.call('POST', `/tenants/${tenant.id}/inventory:refresh`, { body: {} });
    await another.close();
    expect([status, body.code, body.errors[0].pointer]).toEqual([422, 'entra.secret-expired', '/credential']);
  });
});
