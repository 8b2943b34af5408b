import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { rows } from '../../src/database/statement.ts';
import { apiForTests, inventoryForTests } from '../../testing/fixtures/api.ts';
import { mailboxForTests } from '../../testing/fixtures/mailbox.ts';
import { MESSAGES } from '../../testing/stored-mailbox.ts';

const api = apiForTests();
const inventory = inventoryForTests(api);
const mailbox = mailboxForTests(api, inventory);
let pointId: string;
beforeAll(async () => {
  pointId = await mailbox.backUp(MESSAGES);
}, 60_000);

describe('a restore', () => {
  const restore = (changes: object = {}, options: object = {}) =>
    api.call('POST', '/restores', { body: { pointId, ...changes }, ...options });
  const runs = async () => (await rows(api.database, 'select id from runs')).length;

  test('goes to the original mailbox by default', async () => {
    const { status, body } = await restore({}, { as: 'operator' });
    expect(status).toBe(202);
    expect(body.options).toMatchObject({
      type: 'restore',
      repositoryId: mailbox.repositoryId,
      targets: [
        {
          objectId: inventory.mailboxes[0],
          pointId,
          selection: { type: 'all', kinds: [] },
          placement: { type: 'original' },
          collision: 'skip',
        },
      ],
    });
    expect((await api.call('GET', `/runs?kind=restore`)).body.items.map((run: { id: string }) => run.id)).toEqual([
      body.id,
    ]);
  });

  test('of chosen items goes where it is told', async () => {
    const wish = {
      targetObjectId: inventory.mailboxes[1],
      selection: { type: 'items', items: [{ folderId: 'inbox', itemId: 'AAMk003=' }] },
      placement: { type: 'new-folder', name: 'Restored' },
      collision: 'keep-both',
    };
    const { targetObjectId, ...rest } = wish;
    expect((await restore(wish)).body.options.targets[0]).toMatchObject({ ...rest, objectId: targetObjectId });
  });

  test.each([
    [{ selection: { type: 'folders', folderIds: ['inbox', 'nowhere'] } }, '/selection/folderIds/1'],
    [{ selection: { type: 'items', items: [{ folderId: 'projects', itemId: 'AAMk003=' }] } }, '/selection/items/0'],
    [{ selection: { type: 'items', items: [] } }, '/selection/items'],
    [{ targetObjectId: randomUUID() }, '/targetObjectId'],
    [{ collision: 'overwrite' }, '/collision'],
    [{ placement: { type: 'new-folder', name: '' } }, '/placement/name'],
    [{ placement: { type: 'new-folder', name: 'a\nb' } }, '/placement/name'],
    [{ pointId: 'x' }, '/pointId'],
  ])('with %j is refused at %s, and nothing starts', async (wrong, pointer) => {
    const before = await runs();
    const { status, body } = await restore(wrong);
    expect([status, body.errors.map((error: { pointer: string }) => error.pointer)]).toEqual([422, [pointer]]);
    expect(await runs()).toBe(before);
  });

  test('into something that is no mailbox is refused', async () => {
    expect((await restore({ targetObjectId: inventory.team })).body.errors[0].code).toBe('object-of-other-kind');
  });

  test('from a point that is not there is not found', async () => {
    expect((await restore({ pointId: `${mailbox.jobId}.${inventory.mailboxes[0]}.7` })).body.code).toBe(
      'point.not-found',
    );
  });

  test('without the right to write is refused before it starts', async () => {
    const preflight = { roles: ['Mail.Read'], missing: [], excess: [], checkedAt: new Date().toISOString() };
    await rows(api.database, 'update tenants set preflight = $2 where id = $1', [inventory.tenantId, preflight]);
    const before = await runs();
    const { status, body } = await restore();
    expect([status, body.code, body.where.permission]).toEqual([422, 'restore.permission-missing', 'Mail.ReadWrite']);
    expect(await runs()).toBe(before);
  });
});
