import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ContactsEdit, ContactsTruth } from '@backhaul/graph-simulator';
import { seededRandom } from '../src/generate/random.ts';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({ mailboxes: 2, messages: 4, contacts: 160, seed: 5 });
let user = '';
let base = '';
const immutable = { prefer: 'IdType="ImmutableId", odata.maxpagesize=7' };
const truth = (): Promise<ContactsTruth> => bench.simulator.control.contactsTruth({ mailbox: user });

beforeAll(async () => {
  user = (await bench.simulator.control.users())[0]!.id;
  base = `/users/${user}`;
});

describe('contacts/delta', () => {
  /** A client that keeps the contacts by change tracking alone. */
  class Replica {
    readonly folders = new Map<string, { link: string | null; contacts: Map<string, string> }>();
    #link: string | null = null;
    readonly #seen = new Set<string>();

    async sync(): Promise<void> {
      const { value, last } = await bench.graph.all(this.#link ?? `${base}/contactFolders/delta`);
      this.#link = last['@odata.deltaLink'];
      for (const folder of value) {
        if (folder['@removed'] === undefined) this.#seen.add(folder.id);
        else this.#seen.delete(folder.id);
      }
      this.#seen.add((await bench.graph.call(`${base}/contactFolders/contacts`)).json.id);
      for (const id of this.#seen) if (!this.folders.has(id)) this.folders.set(id, { link: null, contacts: new Map() });
      for (const id of this.folders.keys()) if (!this.#seen.has(id)) this.folders.delete(id);
      for (const [id, folder] of this.folders) {
        const first = `${base}/contactFolders/${id}/contacts/delta?$select=changeKey`;
        const round = await bench.graph.all(folder.link ?? first, { headers: immutable });
        folder.link = round.last['@odata.deltaLink'];
        for (const entry of round.value) {
          if (entry['@removed'] === undefined) folder.contacts.set(entry.id, entry.changeKey);
          else folder.contacts.delete(entry.id);
        }
      }
    }

    view(): string[] {
      return [...this.folders]
        .flatMap(([id, { contacts }]) => [...contacts].map(([contact, changeKey]) => `${id} ${contact},${changeKey}`))
        .sort();
    }
  }

  async function randomEdits(seed: number): Promise<ContactsEdit[]> {
    const random = seededRandom(seed);
    const { contacts, folders } = await truth();
    const gone = new Set<string>();
    const edits: ContactsEdit[] = [];
    for (let number = 0; number < 12; number++) {
      const contact = random.pick(contacts).id;
      if (gone.has(contact)) continue;
      const draw = random.next();
      if (draw < 0.4) edits.push({ do: 'move-contact', mailbox: user, contact, to: random.pick(folders).id });
      else if (draw < 0.7)
        edits.push({ do: 'update-contact', mailbox: user, contact, set: { jobTitle: `Job ${seed}` } });
      else {
        gone.add(contact);
        edits.push({ do: 'delete-contact', mailbox: user, contact });
      }
    }
    return edits;
  }

  test('a replica that follows its links equals the truth after any edits', async () => {
    const replica = new Replica();
    const { control } = bench.simulator;
    for (let round = 1; round <= 4; round++) {
      await replica.sync();
      await control.edit(...(await randomEdits(round)));
      await control.addContact({ mailbox: user, contact: { displayName: `New ${round}` } });
      if (round === 2) {
        const [folder] = await control.edit({ do: 'add-contact-folder', mailbox: user, displayName: 'While walking' });
        await control.addContact({ mailbox: user, folder: folder!.id, contact: { displayName: 'In the new folder' } });
      }
      if (round === 3) {
        const empty = (await truth()).folders.find(({ path }) => path.at(-1) === 'Deeper')!;
        await control.edit({ do: 'delete-contact-folder', mailbox: user, folder: empty.id });
      }
      await replica.sync();
      const { contacts } = await truth();
      expect(replica.view()).toEqual(
        contacts.map(({ folderId, id, changeKey }) => `${folderId} ${id},${changeKey}`).sort(),
      );
    }
  });

  test('a link of a folder that is gone says so', async () => {
    const { control } = bench.simulator;
    const [folder] = await control.edit({ do: 'add-contact-folder', mailbox: user, displayName: 'Short-lived' });
    const { last } = await bench.graph.all(`${base}/contactFolders/${folder!.id}/contacts/delta`);
    await control.edit({ do: 'delete-contact-folder', mailbox: user, folder: folder!.id });
    const answer = await bench.graph.call(last['@odata.deltaLink']);
    expect([answer.status, answer.json.error.code]).toEqual([404, 'ErrorSyncFolderNotFound']);
  });
});
