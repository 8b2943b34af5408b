import { beforeAll, describe, expect, test } from '@jest/globals';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({ mailboxes: 2, messages: 80 });
let user = '';
let base = '';

beforeAll(async () => {
  user = (await bench.simulator.control.users())[0]!.id;
  base = `/users/${user}/mailFolders`;
});

/** Everything that listing level by level finds. */
async function walk(
  path: string,
  hidden: boolean,
): Promise<{ id: string; path: string[]; isHidden: boolean; type?: string }[]> {
  const found: { id: string; path: string[]; isHidden: boolean; type?: string }[] = [];
  const visit = async (list: string, above: string[]): Promise<void> => {
    const { value } = await bench.graph.all(`${list}?$top=3${hidden ? '&includeHiddenFolders=true' : ''}`);
    for (const folder of value) {
      const here = [...above, folder.displayName as string];
      found.push({ id: folder.id, path: here, isHidden: folder.isHidden, type: folder['@odata.type'] });
      if (folder.childFolderCount > 0) await visit(`${base}/${folder.id}/childFolders`, here);
    }
  };
  await visit(path, []);
  return found;
}

describe('mail folders', () => {
  test('level by level, with hidden ones, they are the folders of the truth and the search folders', async () => {
    const truth = await bench.simulator.control.truth({ mailbox: user, forms: false });
    const all = await walk(base, true);
    const ordinary = all.filter(({ type }) => type === undefined);
    expect(ordinary.map(({ id, path }) => `${id} ${path.join('\n')}`).sort()).toEqual(
      truth.folders.map(({ id, path }) => `${id} ${path.join('\n')}`).sort(),
    );
    expect(all.filter(({ type }) => type === '#microsoft.graph.mailSearchFolder')).toHaveLength(1);
    expect(truth.folders.some(({ hidden, path }) => hidden && path.length > 1)).toBe(true);
    expect(Math.max(...truth.folders.map(({ path }) => path.length))).toBeGreaterThanOrEqual(12);
  });

  test('hidden ones are left out unless asked for', async () => {
    expect((await walk(base, false)).some(({ isHidden }) => isHidden)).toBe(false);
  });

  test('are found by well-known name in any case, by id, and by key syntax', async () => {
    const inbox = await bench.graph.call(`${base}/Inbox`);
    expect(inbox.json.displayName).toBe('Inbox');
    expect((await bench.graph.call(`${base}/${inbox.json.id}`)).json.id).toBe(inbox.json.id);
    expect((await bench.graph.call(`/users('${user}')/mailFolders('${inbox.json.id}')`)).json.id).toBe(inbox.json.id);
    const root = await bench.graph.call(`${base}/msgfolderroot`);
    expect(inbox.json.parentFolderId).toBe(root.json.id);
    expect((await bench.graph.call(`${base}/recoverableitemsdeletions`)).status).toBe(200);
  });

  test('names are localized by the mailbox', async () => {
    const second = (await bench.simulator.control.users())[1]!.id;
    expect((await bench.graph.call(`/users/${second}/mailFolders/inbox`)).json.displayName).toBe('Posteingang');
  });

  test('can be made, renamed, moved and deleted; a deleted one lies in Deleted Items until it is deleted there', async () => {
    const made = await bench.graph.call(base, { method: 'POST', body: { displayName: 'Übung' } });
    expect([made.status, made.json.isHidden]).toEqual([201, false]);
    const { id } = made.json;
    const twice = await bench.graph.call(base, { method: 'POST', body: { displayName: 'übung' } });
    expect([twice.status, twice.json.error.code]).toEqual([409, 'ErrorFolderExists']);
    const child = await bench.graph.call(`${base}/${id}/childFolders`, {
      method: 'POST',
      body: { displayName: 'below', isHidden: true },
    });
    expect(child.json).toMatchObject({ parentFolderId: id, isHidden: true });
    const renamed = await bench.graph.call(`${base}/${id}`, { method: 'PATCH', body: { displayName: 'Other' } });
    expect(renamed.json).toMatchObject({ id, displayName: 'Other' });
    const moved = await bench.graph.call(`${base}/${id}/move`, { method: 'POST', body: { DestinationId: 'archive' } });
    expect([moved.status, moved.json.id]).toEqual([201, id]);
    expect(
      (await bench.graph.call(`${base}/${id}/move`, { method: 'POST', body: { destinationId: child.json.id } })).status,
    ).toBe(400);
    expect((await bench.graph.call(`${base}/${id}`, { method: 'DELETE' })).status).toBe(204);
    const bin = await bench.graph.call(`${base}/deleteditems`);
    expect((await bench.graph.call(`${base}/${id}`)).json.parentFolderId).toBe(bin.json.id);
    expect((await bench.graph.call(`${base}/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await bench.graph.call(`${base}/${child.json.id}`)).status).toBe(404);
  });

  test('well-known ones cannot be deleted or renamed', async () => {
    expect((await bench.graph.call(`${base}/inbox`, { method: 'DELETE' })).status).toBe(403);
    expect((await bench.graph.call(`${base}/inbox`, { method: 'PATCH', body: { displayName: 'x' } })).status).toBe(403);
  });

  test.each([
    ['a malformed id', () => `${base}/nonsense`, 400, 'ErrorInvalidIdMalformed'],
    ['a selected property that folders lack', () => `${base}?$select=id,wellKnownName`, 400, 'BadRequest'],
    ['an unknown user', () => '/users/nobody@nowhere.example/mailFolders', 404, 'ErrorInvalidUser'],
    ['an unknown segment', () => `/users/${user}/mailbox`, 400, 'BadRequest'],
    ['an empty segment', () => `/users//mailFolders`, 400, 'BadRequest'],
    ['a page of no entries', () => `${base}?$top=0`, 400, 'ErrorInvalidUrlQuery'],
  ])('%s is refused with the documented code', async (_, path, status, code) => {
    const answer = await bench.graph.call(path());
    expect([answer.status, answer.json.error.code]).toEqual([status, code]);
    expect(answer.json.error.innerError).toMatchObject({ 'request-id': answer.headers['request-id'] });
  });

  test('a wrong method on a known path is 405', async () => {
    const answer = await bench.graph.call(`${base}/inbox`, { method: 'PUT', body: {} });
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET, PATCH, DELETE']);
  });

  test('every answer carries the ids of request and client', async () => {
    const answer = await bench.graph.call(base, { headers: { 'client-request-id': 'task-7.3' } });
    expect(answer.headers).toMatchObject({ 'client-request-id': 'task-7.3', 'odata-version': '4.0' });
    expect(answer.headers['request-id']).toMatch(/^[0-9a-f-]{36}$/);
    const { entries } = await bench.simulator.control.log();
    expect(entries.at(-1)).toMatchObject({
      task: 'task-7',
      clientRequestId: 'task-7.3',
      app: bench.simulator.clientId,
    });
  });
});
