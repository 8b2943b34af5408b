import { describe, expect, test } from '@jest/globals';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({ mailboxes: 8, messages: 80, contacts: 16, events: 16, seed: 9 });
const probes = [
  'mailFolders/inbox?$select=id',
  'contacts?$top=1',
  'calendar',
  'calendarView/delta?startDateTime=2026-01-01&endDateTime=2026-02-01',
];

async function probe(id: string): Promise<unknown[]> {
  const answers = await Promise.all(probes.map((path) => bench.graph.call(`/users/${id}/${path}`)));
  const [first] = answers;
  for (const { status, json } of answers)
    expect([status, json.error?.code]).toEqual([first!.status, first!.json.error?.code]);
  return [first!.status, first!.json.error?.code];
}

describe('mailboxes that are no people', () => {
  test('are told by their purpose; contacts and calendars are theirs too', async () => {
    const users = await bench.simulator.control.users();
    const purposes = await Promise.all(
      users
        .filter(({ messages }) => messages > 0)
        .map(
          async ({ id }) =>
            (await bench.graph.call(`/users/${id}/mailboxSettings?$select=userPurpose`)).json.userPurpose,
        ),
    );
    expect(purposes).toEqual([...Array<string>(5).fill('user'), 'equipment', 'room', 'shared']);
    for (const kind of ['shared', 'room', 'equipment'] as const) {
      const { id } = users.find((user) => user.kind === kind)!;
      expect(await probe(id)).toEqual([200, undefined]);
      const { accountEnabled, assignedPlans } = (
        await bench.graph.call(`/users/${id}?$select=accountEnabled,assignedPlans`)
      ).json;
      expect([accountEnabled, assignedPlans]).toEqual([false, []]);
    }
    const added = await bench.simulator.control.addUser({ kind: 'equipment' });
    expect(await probe(added.id)).toEqual([200, undefined]);
  });
});

describe('a mailbox that cannot be reached', () => {
  test('says the same for mail, contacts and calendars', async () => {
    const { control } = bench.simulator;
    const { id } = (await control.users())[1]!;
    const states = {
      inactive: [404, 'MailboxNotEnabledForRESTAPI'],
      unlicensed: [404, 'MailboxNotEnabledForRESTAPI'],
      unsupported: [404, 'MailboxNotSupportedForRESTAPI'],
      denied: [403, 'ErrorAccessDenied'],
      missing: [404, 'ResourceNotFound'],
      active: [200, undefined],
    } as const;
    const plans = async (): Promise<number> =>
      (await bench.graph.call(`/users/${id}?$select=assignedPlans`)).json.assignedPlans.length as number;
    for (const [mailboxState, expected] of Object.entries(states)) {
      await control.updateUser(id, { mailboxState: mailboxState as keyof typeof states });
      expect(await probe(id)).toEqual(expected);
      expect(await plans()).toBe(mailboxState === 'unlicensed' ? 0 : 1);
    }
  });

  test('over quota it is read, and takes no contact, calendar or event', async () => {
    const { control } = bench.simulator;
    const { id } = (await control.users())[1]!;
    await control.updateUser(id, { mailboxState: 'over-quota' });
    expect(await probe(id)).toEqual([200, undefined]);
    const time = { dateTime: '2026-01-01T00:00:00', timeZone: 'UTC' };
    const posts: [string, object][] = [
      ['contacts', { displayName: 'x' }],
      ['contactFolders', { displayName: 'x' }],
      ['calendars', { name: 'x' }],
      ['events', { start: time, end: time }],
    ];
    for (const [path, body] of posts) {
      const { status, json } = await bench.graph.call(`/users/${id}/${path}`, { method: 'POST', body });
      expect([path, status, json.error.code]).toEqual([path, 507, 'ErrorQuotaExceeded']);
    }
    await control.updateUser(id, { mailboxState: 'active' });
  });

  test('a deleted user is in the deleted items alone, and comes back as it was', async () => {
    const { control } = bench.simulator;
    const { id, userPrincipalName } = (await control.users())[2]!;
    const before = await control.truth({ mailbox: id, forms: false });
    const listed = async (path: string): Promise<string[]> =>
      (await bench.graph.all(path)).value.map((user) => user.id);
    const changed = await control.updateUser(id, { deleted: true });
    expect(changed.deletedAt).toMatch(/^\d{4}-/);
    expect(await listed('/users')).not.toContain(id);
    expect(await listed('/directory/deletedItems/microsoft.graph.user?$select=id,deletedDateTime')).toEqual([id]);
    expect((await bench.graph.call(`/directory/deletedItems/${id}`)).json).toMatchObject({ id, userPrincipalName });
    for (const name of [id, userPrincipalName]) {
      expect((await bench.graph.call(`/users/${name}`)).json.error.code).toBe('Request_ResourceNotFound');
      expect(await probe(name)).toEqual([404, 'MailboxNotEnabledForRESTAPI']);
    }
    await control.updateUser(id, { deleted: false });
    expect(await listed('/users')).toContain(id);
    expect(await listed('/directory/deletedItems/microsoft.graph.user')).toEqual([]);
    const { mark: _, ...now } = await control.truth({ mailbox: id, forms: false });
    const { mark: __, ...then } = before;
    expect(now).toEqual(then);
  });
});

describe('an in-place archive', () => {
  test('shows in the settings of Exchange alone', async () => {
    const { control } = bench.simulator;
    const { id } = (await control.users())[3]!;
    const read = async (): Promise<any> => (await bench.graph.call(`/users/${id}/settings/exchange`)).json;
    const without = await read();
    expect(without).toMatchObject({
      primaryMailboxId: expect.stringMatching(/^MBX:[0-9a-f-]{36}@/),
      inPlaceArchiveMailboxId: null,
    });
    await control.updateUser(id, { hasArchive: true });
    const archived = await read();
    expect(archived.primaryMailboxId).toBe(without.primaryMailboxId);
    expect(archived.inPlaceArchiveMailboxId).toMatch(/^MBX:[0-9a-f-]{36}@/);
    const { value } = await bench.graph.all(`/users/${id}/mailFolders?includeHiddenFolders=true`);
    expect(value.filter(({ displayName }) => /archiv/i.test(displayName))).toHaveLength(1);
  });
});

describe('recoverable items', () => {
  test('hold what was deleted for good; no listing leads to them, their names do', async () => {
    const { control } = bench.simulator;
    const { id: user } = (await control.users())[0]!;
    const base = `/users/${user}`;
    const headers = { prefer: 'IdType="ImmutableId"' };
    const post = (subject: string) =>
      bench.graph.call(`${base}/mailFolders/inbox/messages`, { method: 'POST', headers, body: { subject } });
    const [purged, deleted] = [(await post('purged')).json.id as string, (await post('deleted')).json.id as string];
    await bench.graph.call(`${base}/messages/${purged}/permanentDelete`, { method: 'POST', body: {} });
    for (let time = 1; time <= 2; time++) await bench.graph.call(`${base}/messages/${deleted}`, { method: 'DELETE' });
    await control.addMessage({ mailbox: user, folder: 'recoverableitemsversions', message: { subject: 'version' } });
    const names = {
      recoverableitemspurges: 'purged',
      recoverableitemsdeletions: 'deleted',
      recoverableitemsversions: 'version',
    };
    for (const [name, subject] of Object.entries(names)) {
      const { value } = await bench.graph.all(`${base}/mailFolders/${name}/messages?$select=subject`, { headers });
      expect(value.map((message) => message.subject)).toEqual([subject]);
      expect((await bench.graph.call(`${base}/messages/${value[0].id}/$value`)).status).toBe(200);
    }
    const { value: top } = await bench.graph.all(`${base}/mailFolders?includeHiddenFolders=true&$top=100`);
    const shown = top.map(({ displayName }) => displayName as string);
    expect(shown.filter((name) => ['Deletions', 'Purges', 'Versions', 'Recoverable Items'].includes(name))).toEqual([]);
    const all = await bench.graph.all(`${base}/messages?$select=subject&$top=500`, { headers });
    expect(all.value.map(({ id }) => id)).not.toContain(purged);
    const plain = await control.truth({ mailbox: user });
    expect(plain.messages.map(({ id }) => id)).not.toContain(purged);
    const whole = await control.truth({ mailbox: user, recoverable: true });
    expect(whole.messages).toHaveLength(plain.messages.length + 3);
    expect(whole.messages.find(({ id }) => id === purged)!.canonical!.folderPath).toEqual(['Purges']);
    expect(
      whole.folders
        .filter(({ wellKnownName }) => wellKnownName?.startsWith('recoverable'))
        .every(({ hidden }) => hidden),
    ).toBe(true);
  });
});
