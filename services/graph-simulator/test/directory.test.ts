import { describe, expect, test } from '@jest/globals';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({ mailboxes: 7, messages: 70 });

describe('users', () => {
  test('are of every kind that an inventory meets', async () => {
    const users = await bench.simulator.control.users();
    const kinds = users.map(({ kind, accountEnabled }) => `${kind}${accountEnabled ? '' : ' (disabled)'}`);
    expect(kinds).toEqual([
      ...Array<string>(5).fill('user'),
      'room (disabled)',
      'shared (disabled)',
      'no-mailbox',
      'no-mailbox (disabled)',
      'guest',
    ]);
    expect(users.filter(({ messages }) => messages > 0)).toHaveLength(7);
  });

  test('are listed in pages with the selected properties', async () => {
    const { value, pages } = await bench.graph.all('/users?$top=4&$select=id,userType,accountEnabled');
    expect([value.length, pages]).toEqual([10, 3]);
    expect(Object.keys(value[0]).sort()).toEqual(['accountEnabled', 'id', 'userType']);
    expect((await bench.graph.call('/users?$top=1000')).json.error.code).toBe('Request_BadRequest');
  });

  test('guests are left out by the filter that keeps users without a type, which needs two things', async () => {
    const filter = encodeURIComponent("onPremisesSyncEnabled eq true OR userType ne 'Guest'");
    expect((await bench.graph.call(`/users?$filter=${filter}`)).json.error.code).toBe('Request_UnsupportedQuery');
    const headers = { ConsistencyLevel: 'eventual' };
    const { json } = await bench.graph.call(`/users?$filter=${filter}&$count=true`, { headers });
    expect([json['@odata.count'], json.value.length]).toEqual([9, 9]);
    expect((await bench.graph.call('/users/$count', { headers })).bytes.toString()).toBe('10');
  });

  test('are found by id and by principal name in any case, guests with an encoded #', async () => {
    const users = await bench.simulator.control.users();
    const guest = users.at(-1)!;
    for (const name of [guest.id, guest.userPrincipalName, guest.userPrincipalName.toUpperCase()]) {
      expect((await bench.graph.call(`/users/${encodeURIComponent(name)}`)).json.id).toBe(guest.id);
    }
    expect((await bench.graph.call('/users/nobody@x.example')).json.error.code).toBe('Request_ResourceNotFound');
  });

  test('without a usable mailbox are told apart by their error', async () => {
    const users = await bench.simulator.control.users();
    const probe = async (id: string): Promise<unknown[]> => {
      const { status, json } = await bench.graph.call(`/users/${id}/mailFolders/inbox?$select=id`);
      return [status, json.error?.code];
    };
    expect(await probe(users.at(-1)!.id)).toEqual([404, 'ResourceNotFound']);
    const { id } = users[0]!;
    const states = {
      inactive: [404, 'MailboxNotEnabledForRESTAPI'],
      denied: [403, 'ErrorAccessDenied'],
      missing: [404, 'ResourceNotFound'],
      active: [200, undefined],
    } as const;
    for (const [mailboxState, expected] of Object.entries(states)) {
      await bench.simulator.control.updateUser(id, { mailboxState: mailboxState as keyof typeof states });
      expect(await probe(id)).toEqual(expected);
    }
    await bench.simulator.control.updateUser(id, { mailboxState: 'over-quota' });
    expect((await probe(id))[0]).toBe(200);
    const write = await bench.graph.call(`/users/${id}/mailFolders`, { method: 'POST', body: { displayName: 'x' } });
    expect([write.status, write.json.error.code]).toEqual([507, 'ErrorQuotaExceeded']);
  });

  test('say what their mailbox is for', async () => {
    const users = await bench.simulator.control.users();
    const purposes = await Promise.all(
      users
        .slice(4, 7)
        .map(
          async ({ id }) =>
            (await bench.graph.call(`/users/${id}/mailboxSettings?$select=userPurpose`)).json.userPurpose as string,
        ),
    );
    expect(purposes).toEqual(['user', 'room', 'shared']);
  });

  test('can be added with an empty mailbox', async () => {
    const added = await bench.simulator.control.addUser({ displayName: 'Target', language: 'de' });
    expect(added).toMatchObject({ displayName: 'Target', messages: 0, mailboxState: 'active' });
    expect((await bench.graph.call(`/users/${added.id}/mailFolders/inbox`)).json).toMatchObject({
      displayName: 'Posteingang',
      totalItemCount: 0,
    });
    await expect(bench.simulator.control.addUser({ userPrincipalName: added.userPrincipalName })).rejects.toThrow(
      /already/,
    );
  });
});

describe('organization, groups, sites', () => {
  test('the organization says tenant and domain', async () => {
    const { json } = await bench.graph.call('/organization');
    expect(json.value).toMatchObject([
      { id: bench.simulator.tenantId, verifiedDomains: [{ name: 'meridian.example' }] },
    ]);
  });

  test('Microsoft 365 groups and teams can be asked for', async () => {
    const unified = (
      await bench.graph.call(`/groups?$filter=${encodeURIComponent("groupTypes/any(c:c eq 'Unified')")}`)
    ).json.value;
    const teams = (
      await bench.graph.call(`/groups?$filter=${encodeURIComponent("resourceProvisioningOptions/Any(x:x eq 'Team')")}`)
    ).json.value;
    expect([unified.length, teams.length]).toEqual([5, 2]);
    expect(teams[0].resourceProvisioningOptions).toEqual(['Team']);
    expect((await bench.graph.call(`/groups/${teams[0].id}`)).json.displayName).toBe(teams[0].displayName);
  });

  test('all sites include personal ones, the search does not', async () => {
    const all = (await bench.graph.all('/sites/getAllSites?$top=3')).value;
    const found = (await bench.graph.all('/sites?search=*')).value;
    expect(all.filter(({ isPersonalSite }) => isPersonalSite)).toHaveLength(1);
    expect(found).toHaveLength(all.length - 1);
  });
});

describe('$batch', () => {
  test('answers each part with its own status, and what depends on a failure with 424', async () => {
    const [user] = await bench.simulator.control.users();
    const messages = (
      await bench.graph.call(`/users/${(await bench.simulator.control.users())[1]!.id}/messages?$top=1`)
    ).json.value;
    const other = (await bench.simulator.control.users())[1]!.id;
    const requests = [
      { id: 'a', method: 'GET', url: '/organization' },
      { id: 'b', method: 'GET', url: `/users/${user!.id}/mailFolders/nonsense` },
      { id: 'c', method: 'GET', url: '/organization', dependsOn: ['b'] },
      { id: 'd', method: 'GET', url: `/users/${other}/messages/${messages[0].id}/$value` },
      {
        id: 'e',
        method: 'POST',
        url: `/users/${other}/mailFolders`,
        headers: { 'Content-Type': 'application/json' },
        body: { displayName: 'by batch' },
      },
    ];
    const { json } = await bench.graph.call('/$batch', { method: 'POST', body: { requests } });
    const byId = Object.fromEntries(json.responses.map((response: { id: string }) => [response.id, response]));
    expect(Object.fromEntries(Object.entries(byId).map(([id, { status }]: [string, any]) => [id, status]))).toEqual({
      a: 200,
      b: 400,
      c: 424,
      d: 200,
      e: 201,
    });
    expect(Buffer.from(byId.d.body, 'base64').toString('latin1')).toMatch(/^Received: /);
    expect(byId.b.body.error.code).toBe('ErrorInvalidIdMalformed');
  });

  test.each([
    ['more than 20 parts', Array.from({ length: 21 }, (_, id) => ({ id: String(id), method: 'GET', url: '/users' }))],
    ['an id twice', [1, 2].map(() => ({ id: 'x', method: 'GET', url: '/users' }))],
    ['no parts', []],
    [
      'a circle',
      [
        { id: 'a', method: 'GET', url: '/users', dependsOn: ['b'] },
        { id: 'b', method: 'GET', url: '/users', dependsOn: ['a'] },
      ],
    ],
  ])('%s: 400', async (_, requests) => {
    expect((await bench.graph.call('/$batch', { method: 'POST', body: { requests } })).status).toBe(400);
  });
});
