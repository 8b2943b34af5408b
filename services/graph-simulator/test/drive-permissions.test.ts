import { beforeAll, describe, expect, test } from '@jest/globals';
import { drivesOf, makeFolder, putFile, type TestDrive } from './support/drives.ts';
import type { Answer } from './support/graph-caller.ts';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({ mailboxes: 3, messages: 3, drives: 2, files: 0, oddities: 0 });
let drive: TestDrive;
let colleague: string;
let folder = '';
let file = '';

beforeAll(async () => {
  const drives = await drivesOf(bench);
  drive = drives[0]!;
  const users = await bench.simulator.control.users();
  colleague = users.find(({ id }) => id === drives[1]!.user)!.userPrincipalName;
  folder = (await makeFolder(bench.graph, drive, 'root', 'team')).json.id as string;
  file = (await putFile(bench.graph, drive, 'team/plan.txt', 'x')).json.id as string;
});

const post = (item: string, action: string, body: object): Promise<Answer> =>
  bench.graph.call(`${drive.path}/items/${item}/${action}`, { method: 'POST', body });
const list = async (item: string): Promise<any[]> =>
  (await bench.graph.call(`${drive.path}/items/${item}/permissions`)).json.value;
const invite = (item: string, email: string, more: object = {}): Promise<Answer> =>
  post(item, 'invite', {
    recipients: [{ email }],
    roles: ['write'],
    requireSignIn: true,
    sendInvitation: false,
    ...more,
  });

describe('permissions', () => {
  test('of the owner come from the root', async () => {
    const [owner, ...others] = await list(folder);
    expect(owner).toMatchObject({ roles: ['owner'], grantedToV2: { user: { id: drive.user } }, hasPassword: false });
    expect(owner.inheritedFrom.id).toBe((await bench.graph.call(`${drive.path}/root`)).json.id);
    expect(others).toEqual([]);
  });

  test('are granted quietly, apply below, and change no date', async () => {
    const before = await bench.simulator.control.sent();
    const item = await bench.graph.call(`${drive.path}/items/${folder}`);
    const { status, json } = await invite(folder, colleague);
    expect([status, json.value[0].roles, json.value[0].grantedToV2.user.email]).toEqual([200, ['write'], colleague]);
    expect(await bench.simulator.control.sent()).toEqual(before);
    const below = (await list(file)).find(({ id }) => id === json.value[0].id);
    expect(below.inheritedFrom.id).toBe(folder);
    const after = await bench.graph.call(`${drive.path}/items/${folder}`);
    expect(after.json.lastModifiedDateTime).toBe(item.json.lastModifiedDateTime);
    expect((await invite(folder, colleague, { roles: ['read'] })).status).toBe(200);
    expect((await list(folder)).filter(({ grantedToV2 }) => grantedToV2?.user.email === colleague)).toHaveLength(1);
  });

  test('send a mail to each person when they are told to', async () => {
    const before = await bench.simulator.control.sent();
    await invite(file, 'zoe@partner.example', { sendInvitation: true });
    const recipients = [{ email: colleague }, { email: 'zoe@partner.example' }];
    await post(file, 'createLink', { type: 'view', scope: 'users', recipients, sendNotification: true });
    expect((await bench.simulator.control.sent()).mails).toBe(before.mails + 3);
    const outsider = (await list(file)).find(({ invitation }) => invitation !== undefined);
    expect(outsider).toMatchObject({ invitation: { email: 'zoe@partner.example' } });
    expect(outsider.grantedToV2.user.id).toBeUndefined();
  });

  test('for someone unknown are refused', async () => {
    const unknown = await invite(file, 'nobody@meridian.example');
    expect([unknown.status, unknown.json.error.innerError.code]).toEqual([400, 'noResolvedUsers']);
    expect((await post(file, 'invite', { recipients: [{ objectId: '17' }], roles: ['read'] })).status).toBe(400);
    expect((await post(file, 'invite', { recipients: [{ email: colleague }], roles: ['king'] })).status).toBe(400);
  });

  test('a link of one kind is made once, and more people may use one', async () => {
    const link = { type: 'edit', scope: 'organization' };
    const first = await post(file, 'createLink', link);
    const second = await post(file, 'createLink', link);
    expect([first.status, second.status, second.json.id]).toEqual([201, 200, first.json.id]);
    expect(first.json.link).toMatchObject({ ...link, webUrl: expect.stringContaining('https://') });
    const people = await post(file, 'createLink', { type: 'view', scope: 'users' });
    const granted = await post(file, `permissions/${people.json.id}/grant`, {
      recipients: [{ email: colleague }],
      roles: ['read'],
    });
    expect(granted.json.value[0].grantedToIdentitiesV2).toHaveLength(1);
  });

  test('are changed and taken away where they are set, and the owner keeps theirs', async () => {
    const { json } = await invite(folder, colleague, { roles: ['read'] });
    const id = json.value[0].id as string;
    const change = (item: string, permission: string, method: string): Promise<Answer> =>
      bench.graph.call(`${drive.path}/items/${item}/permissions/${permission}`, {
        method,
        ...(method === 'PATCH' && { body: { roles: ['write'] } }),
      });
    const own = (await list(file)).find((permission) => permission.id === id && permission.inheritedFrom === undefined);
    expect(own).toBeUndefined();
    expect((await change(file, id, 'DELETE')).status).toBe(400);
    expect((await change(folder, id, 'PATCH')).json.roles).toEqual(['write']);
    expect((await change(folder, id, 'DELETE')).status).toBe(204);
    expect((await change(folder, id, 'DELETE')).status).toBe(404);
    const [owner] = (await list('root')).filter(({ roles }) => roles.includes('owner'));
    expect((await change('root', owner.id, 'DELETE')).status).toBe(403);
  });

  test('a first link without what is inherited drops all that was there', async () => {
    const { id } = (await putFile(bench.graph, drive, 'team/secret.txt', 'x')).json;
    await invite(id, colleague);
    const link = { type: 'view', scope: 'organization', retainInheritedPermissions: false };
    expect((await post(id, 'createLink', link)).status).toBe(201);
    const left = await list(id);
    expect(left.map(({ link: { scope } }) => scope)).toEqual(['organization']);
    expect((await invite(id, colleague)).status).toBe(200);
    expect(await list(id)).toHaveLength(2);
  });

  test('can be forbidden, and may hide where they come from', async () => {
    await bench.simulator.control.edit({ do: 'set-sharing', drive: drive.user, disabled: true });
    const refused = await invite(file, colleague);
    expect([refused.status, refused.json.error.innerError.code]).toEqual([403, 'sharingDisabled']);
    await bench.simulator.control.edit({ do: 'set-sharing', drive: drive.user, disabled: false });
    await bench.simulator.control.updateSettings({ drives: { omitInheritedFrom: 1 } });
    expect((await list(file)).every(({ inheritedFrom }) => inheritedFrom === undefined)).toBe(true);
    await bench.simulator.control.updateSettings({ drives: { omitInheritedFrom: 0 } });
    const truth = await bench.simulator.control.driveTruth({ user: drive.user });
    const { permissions } = truth.items.find(({ id }) => id === file)!;
    expect(permissions.find(({ roles }) => roles.includes('owner'))!.inherited).toBe(true);
  });
});
