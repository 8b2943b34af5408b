import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Edit, MailboxTruth } from '@backhaul/graph-simulator';
import { seededRandom } from '../src/generate/random.ts';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({ mailboxes: 1, messages: 240, largeFolder: 150, bytes: 240 * 500, seed: 11 });
let user = '';
const immutable = { prefer: 'IdType="ImmutableId", odata.maxpagesize=20' };

beforeAll(async () => {
  user = (await bench.simulator.control.users())[0]!.id;
});

/** A client that keeps each folder's messages by change tracking alone, the way a backup does. */
class Replica {
  readonly folders = new Map<string, { link: string | null; messages: Map<string, string> }>();

  async sync(headers: Record<string, string> = immutable): Promise<void> {
    const truth = await bench.simulator.control.truth({ mailbox: user, forms: false });
    for (const { id } of truth.folders)
      if (!this.folders.has(id)) this.folders.set(id, { link: null, messages: new Map() });
    for (const id of this.folders.keys())
      if (!truth.folders.some((folder) => folder.id === id)) this.folders.delete(id);
    for (const [id, folder] of this.folders) {
      const first = `/users/${user}/mailFolders/${id}/messages/delta?$select=changeKey`;
      const { value, last } = await bench.graph.all(folder.link ?? first, { headers });
      for (const entry of value) {
        if (entry['@removed'] !== undefined) folder.messages.delete(entry.id);
        else folder.messages.set(entry.id, entry.changeKey);
      }
      folder.link = last['@odata.deltaLink'];
    }
  }

  view(): Record<string, string[]> {
    return Object.fromEntries([...this.folders].map(([id, { messages }]) => [id, [...messages].map(String).sort()]));
  }
}

function viewOf(truth: MailboxTruth): Record<string, string[]> {
  return Object.fromEntries(
    truth.folders.map(({ id }) => [
      id,
      truth.messages
        .filter((message) => message.folderId === id)
        .map((message) => `${message.id},${message.changeKey}`)
        .sort(),
    ]),
  );
}

async function randomEdits(seed: number, count: number): Promise<Edit[]> {
  const truth = await bench.simulator.control.truth({ mailbox: user, forms: false });
  const random = seededRandom(seed);
  const shown = truth.folders.filter((folder) => !folder.hidden);
  const gone = new Set<string>();
  const edits: Edit[] = [];
  while (edits.length < count) {
    const message = random.pick(truth.messages).id;
    if (gone.has(message)) continue;
    const draw = random.next();
    if (draw < 0.4) edits.push({ do: 'move-message', mailbox: user, message, to: random.pick(shown).id });
    else if (draw < 0.7)
      edits.push({ do: 'update-message', mailbox: user, message, set: { isRead: random.chance(0.5) } });
    else {
      gone.add(message);
      edits.push({ do: 'delete-message', mailbox: user, message });
    }
  }
  return edits;
}

describe('messages/delta', () => {
  test('pages of the asked size enumerate a folder once, and end in a deltaLink', async () => {
    const truth = await bench.simulator.control.truth({ mailbox: user, forms: false });
    const large = truth.folders.find(({ path }) => path.length === 1 && path[0] === 'Projects')!;
    const { value, pages, last } = await bench.graph.all(
      `/users/${user}/mailFolders/${large.id}/messages/delta?$select=subject`,
      { headers: immutable },
    );
    expect(value.length).toBe(new Set(value.map(({ id }) => id)).size);
    expect(value.length).toBeGreaterThanOrEqual(150);
    expect(pages).toBe(Math.ceil(value.length / 20));
    expect(Object.keys(value[0]).sort()).toEqual(['@odata.etag', '@odata.type', 'id', 'subject']);
    expect(last['@odata.deltaLink']).toContain('$deltatoken=');
    expect(last['@odata.deltaLink']).not.toContain('$select');
  });

  test('a replica that follows its links equals the truth after any edits, also those made while it walks', async () => {
    const replica = new Replica();
    for (let round = 1; round <= 6; round++) {
      const during = await randomEdits(round, 8);
      for (const edit of during) {
        await bench.simulator.control.changeAtRequest({ inRequests: 3 * (1 + during.indexOf(edit)), edits: [edit] });
      }
      await replica.sync();
      await bench.simulator.control.edit(...(await randomEdits(100 + round, 8)));
      await replica.sync();
      const truth = await bench.simulator.control.truth({ mailbox: user, forms: false });
      expect(replica.view()).toEqual(viewOf(truth));
    }
  });

  test('a deltaLink can be used again and tells the same round', async () => {
    const inbox = `/users/${user}/mailFolders/inbox/messages/delta?$select=id`;
    const { last } = await bench.graph.all(inbox, { headers: immutable });
    const link = last['@odata.deltaLink'] as string;
    const [message] = (
      await bench.graph.call(`/users/${user}/mailFolders/inbox/messages?$top=1&$select=id`, { headers: immutable })
    ).json.value;
    await bench.simulator.control.edit({ do: 'move-message', mailbox: user, message: message.id, to: 'archive' });
    const first = await bench.graph.call(link, { headers: immutable });
    const again = await bench.graph.call(link, { headers: immutable });
    expect(first.json.value).toEqual([
      { '@odata.type': '#microsoft.graph.message', id: message.id, '@removed': { reason: 'deleted' } },
    ]);
    expect(again.json.value).toEqual(first.json.value);
    expect(first.headers['preference-applied']).toContain('odata.track-changes');
  });

  test('a move shows the same immutable id, and another mutable one, in the new folder', async () => {
    const archive = `/users/${user}/mailFolders/archive/messages/delta?$select=id`;
    const links = await Promise.all(
      [immutable, {}].map(
        async (headers: Record<string, string>) =>
          (await bench.graph.all(archive, { headers })).last['@odata.deltaLink'] as string,
      ),
    );
    const inbox = `/users/${user}/mailFolders/inbox/messages?$top=1&$select=id`;
    const before = (await bench.graph.call(inbox, { headers: immutable })).json.value[0].id;
    const mutableBefore = (await bench.graph.call(inbox)).json.value[0].id;
    await bench.simulator.control.edit({ do: 'move-message', mailbox: user, message: before, to: 'archive' });
    expect((await bench.graph.call(links[0]!, { headers: immutable })).json.value[0].id).toBe(before);
    const mutableAfter = (await bench.graph.call(links[1]!)).json.value[0].id;
    expect(mutableAfter).not.toBe(mutableBefore);
    expect((await bench.graph.call(`/users/${user}/messages/${mutableBefore}`)).status).toBe(404);
    expect((await bench.graph.call(`/users/${user}/messages/${mutableAfter}`)).status).toBe(200);
  });

  test('expired links get 410 SyncStateNotFound; links made later work', async () => {
    const inbox = `/users/${user}/mailFolders/inbox/messages/delta?$select=id`;
    const { last } = await bench.graph.all(inbox);
    await bench.simulator.control.expireDeltaLinks({ mailbox: user });
    const expired = await bench.graph.call(last['@odata.deltaLink']);
    expect(expired.status).toBe(410);
    expect(expired.json.error.code).toBe('SyncStateNotFound');
    const fresh = await bench.graph.all(inbox);
    expect((await bench.graph.call(fresh.last['@odata.deltaLink'])).status).toBe(200);
  });

  test('with few generations kept, links a few pages back stop working', async () => {
    await bench.simulator.control.updateSettings({ deltaGenerations: 2 });
    const first = await bench.graph.call(`/users/${user}/mailFolders/inbox/messages/delta?$select=id`, {
      headers: { prefer: 'odata.maxpagesize=2' },
    });
    const walk = await bench.graph.all(first.json['@odata.nextLink'], { headers: { prefer: 'odata.maxpagesize=2' } });
    expect(walk.pages).toBeGreaterThan(3);
    const stale = await bench.graph.call(first.json['@odata.nextLink']);
    expect(stale.status).toBe(410);
    expect(stale.json.error.message).toMatch(/generation=\d+;\[highest=\d+\]/);
    expect((await bench.graph.call(walk.last['@odata.deltaLink'])).status).toBe(200);
    await bench.simulator.control.updateSettings({ deltaGenerations: 0 });
  });

  test('$top caps the whole walk, as some Outlook collections do', async () => {
    const { value } = await bench.graph.all(`/users/${user}/mailFolders/inbox/messages/delta?$select=id&$top=5`, {
      headers: { prefer: 'odata.maxpagesize=2' },
    });
    expect(value).toHaveLength(5);
  });

  test('a link of one folder is refused in another, and an altered one anywhere', async () => {
    const { last } = await bench.graph.all(`/users/${user}/mailFolders/drafts/messages/delta?$select=id`);
    const link = last['@odata.deltaLink'] as string;
    const token = link.split('$deltatoken=')[1]!;
    const elsewhere = await bench.graph.call(`/users/${user}/mailFolders/archive/messages/delta?$deltatoken=${token}`);
    expect(elsewhere.status).toBe(400);
    expect((await bench.graph.call(link.slice(0, -3) + 'AAA')).status).toBe(400);
  });

  test('the folder of a link that is gone is ErrorSyncFolderNotFound', async () => {
    const [{ id }] = (await bench.simulator.control.edit({
      do: 'add-folder',
      mailbox: user,
      parent: 'inbox',
      displayName: 'short-lived',
    })) as [{ id: string }];
    const { last } = await bench.graph.all(`/users/${user}/mailFolders/${id}/messages/delta?$select=id`);
    await bench.simulator.control.edit({ do: 'delete-folder', mailbox: user, folder: id });
    const answer = await bench.graph.call(last['@odata.deltaLink']);
    expect([answer.status, answer.json.error.code]).toEqual([404, 'ErrorSyncFolderNotFound']);
  });
});

describe('mailFolders/delta', () => {
  test('tells the shown hierarchy, then renames, moves and removals, children of removed folders included', async () => {
    const { value, last } = await bench.graph.all(`/users/${user}/mailFolders/delta`);
    const truth = await bench.simulator.control.truth({ mailbox: user, forms: false });
    const shown = truth.folders.filter((folder) => !folder.hidden);
    const told = value.filter((folder) => folder['@odata.type'] === undefined).map(({ id }) => id);
    expect([...told].sort()).toEqual(shown.map(({ id }) => id).sort());

    const make = async (parent: string, displayName: string): Promise<string> =>
      (await bench.simulator.control.edit({ do: 'add-folder', mailbox: user, parent, displayName }))[0]!.id;
    const outer = await make('inbox', 'outer');
    const inner = await make(outer, 'inner');
    const renamed = shown.find(({ path }) => path[0] === 'Projects' && path.length === 1)!.id;
    await bench.simulator.control.edit({
      do: 'rename-folder',
      mailbox: user,
      folder: renamed,
      displayName: 'Projects 2',
    });
    const second = await bench.graph.all(last['@odata.deltaLink']);
    expect(second.value.map(({ id, displayName }) => [id, displayName])).toEqual([
      [outer, 'outer'],
      [inner, 'inner'],
      [renamed, 'Projects 2'],
    ]);

    await bench.simulator.control.edit({ do: 'delete-folder', mailbox: user, folder: outer });
    const third = await bench.graph.all(second.last['@odata.deltaLink']);
    expect(third.value).toEqual([inner, outer].map((id) => ({ id, '@removed': { reason: 'deleted' } })));
    const fourth = await bench.graph.all(third.last['@odata.deltaLink']);
    expect(fourth.value).toEqual([]);
  });
});
