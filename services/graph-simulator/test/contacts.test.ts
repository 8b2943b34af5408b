import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ContactsTruth } from '@backhaul/graph-simulator';
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

describe('contact folders', () => {
  test('the default folder is in no listing, and reachable by its name and its id', async () => {
    const { folders } = await truth();
    const own = folders.find(({ isDefault }) => isDefault)!;
    const listed = await bench.graph.all(`${base}/contactFolders`);
    expect(listed.value.map(({ id }) => id)).not.toContain(own.id);
    const byName = await bench.graph.call(`${base}/contactFolders/contacts`);
    expect(byName.json).toMatchObject({ id: own.id, displayName: 'Contacts' });
    const first = await bench.graph.call(`${base}/contacts?$top=1&$select=parentFolderId`);
    expect(first.json.value[0].parentFolderId).toBe(own.id);
  });

  test('the tree that is walked by childFolders is that of the truth', async () => {
    const { folders } = await truth();
    const paths: string[][] = [];
    const walk = async (listing: string, above: string[]): Promise<void> => {
      for (const { id, displayName } of (await bench.graph.all(listing)).value) {
        paths.push([...above, displayName]);
        await walk(`${base}/contactFolders/${id}/childFolders`, [...above, displayName]);
      }
    };
    await walk(`${base}/contactFolders`, []);
    await walk(`${base}/contactFolders/contacts/childFolders`, ['Contacts']);
    expect(paths.sort()).toEqual(
      folders
        .filter(({ isDefault }) => !isDefault)
        .map(({ path }) => path)
        .sort(),
    );
    expect(Math.max(...paths.map((path) => path.length))).toBe(3);
  });

  test('are made, renamed and deleted; a name that is taken is refused', async () => {
    const post = (displayName: string) =>
      bench.graph.call(`${base}/contactFolders`, { method: 'POST', body: { displayName } });
    const made = await post('New ones');
    expect(made.status).toBe(201);
    expect((await post('NEW ONES')).json.error.code).toBe('ErrorFolderExists');
    const path = `${base}/contactFolders/${made.json.id}`;
    const renamed = await bench.graph.call(path, { method: 'PATCH', body: { displayName: 'Older ones' } });
    expect(renamed.json).toMatchObject({ id: made.json.id, displayName: 'Older ones' });
    expect((await bench.graph.call(path, { method: 'DELETE' })).status).toBe(204);
    expect((await bench.graph.call(path)).json.error.code).toBe('ErrorItemNotFound');
    const refused = await bench.graph.call(`${base}/contactFolders/contacts`, { method: 'DELETE' });
    expect(refused.json.error.code).toBe('ErrorDeleteDistinguishedFolder');
  });
});

describe('contacts', () => {
  test('all of them are listed, folder by folder', async () => {
    const { folders, contacts } = await truth();
    const found: string[] = [];
    for (const { id } of folders) {
      const { value } = await bench.graph.all(`${base}/contactFolders/${id}/contacts?$select=id,changeKey`, {
        headers: immutable,
      });
      found.push(...value.map((contact) => `${contact.id} ${contact.changeKey}`));
    }
    expect(found.sort()).toEqual(contacts.map(({ id, changeKey }) => `${id} ${changeKey}`).sort());
    expect(found).toHaveLength(80);
  });

  test('a posted contact is answered whole, is the truth, and is found by its extended property', async () => {
    const mark = { id: 'String {b5e1d7a8-0000-4000-8000-000000000001} Name Mark', value: "it's me" };
    const body = {
      givenName: 'Zoë',
      displayName: ' Zoë  Z ',
      emailAddresses: [{ name: 'Z@X.example', address: 'z@x.example' }, { address: 'Y@x.example' }],
      businessAddress: { city: 'Zürich', street: '' },
      birthday: '1980-02-29T11:59:00+02:00',
      personalNotes: 'a \r\nb\r\n\r\n',
      categories: ['b', 'a'],
      businessPhones: ['1', ''],
      singleValueExtendedProperties: [mark],
    };
    const made = await bench.graph.call(`${base}/contacts`, { method: 'POST', headers: immutable, body });
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({
      givenName: 'Zoë',
      homeAddress: {},
      homePhones: [],
      birthday: '1980-02-29T09:59:00Z',
    });
    const stored = (await truth()).contacts.find(({ id }) => id === made.json.id)!;
    expect(stored.canonical).toEqual({
      folderPath: ['Contacts'],
      fields: {
        birthday: '1980-02-29',
        businessAddress: { city: 'Zürich' },
        businessPhones: ['1'],
        categories: ['a', 'b'],
        displayName: 'Zoë Z',
        emailAddresses: [
          { name: '', address: 'z@x.example' },
          { name: '', address: 'y@x.example' },
        ],
        givenName: 'Zoë',
        personalNotes: 'a\nb',
      },
      photo: null,
    });
    const filter = `singleValueExtendedProperties/any(p:p/id eq '${mark.id}' and p/value eq 'it''s me')`;
    const expand = `singleValueExtendedProperties($filter=id eq '${mark.id}')`;
    const found = await bench.graph.call(
      `${base}/contacts?$filter=${encodeURIComponent(filter)}&$expand=${encodeURIComponent(expand)}`,
      { headers: immutable },
    );
    expect(found.json.value).toHaveLength(1);
    expect(found.json.value[0]).toMatchObject({
      id: made.json.id,
      singleValueExtendedProperties: [{ value: "it's me" }],
    });
  });

  test('a change under If-Match of an older state is refused; deleted is gone', async () => {
    const made = await bench.graph.call(`${base}/contacts`, { method: 'POST', body: { displayName: 'One' } });
    const path = `${base}/contacts/${made.json.id}`;
    const changed = await bench.graph.call(path, { method: 'PATCH', body: { displayName: 'Two', nickName: 'T' } });
    expect(changed.json).toMatchObject({ id: made.json.id, displayName: 'Two', nickName: 'T' });
    expect(changed.json.changeKey).not.toBe(made.json.changeKey);
    const headers = { 'if-match': made.json['@odata.etag'] as string };
    const late = await bench.graph.call(path, { method: 'PATCH', body: { displayName: 'Three' }, headers });
    expect([late.status, late.json.error.code]).toEqual([412, 'ErrorIrresolvableConflict']);
    expect((await bench.graph.call(path)).json.displayName).toBe('Two');
    expect((await bench.graph.call(path, { method: 'DELETE' })).status).toBe(204);
    expect((await bench.graph.call(path)).json.error.code).toBe('ErrorItemNotFound');
  });

  test.each([
    [{ emailAddresses: [1, 2, 3, 4].map((n) => ({ address: `${n}@x.example` })) }, 'ErrorInvalidPropertySet'],
    [{ businessPhones: ['1', '2', '3'] }, 'ErrorInvalidPropertySet'],
    [{ givenName: 7 }, 'UnableToDeserializePostBody'],
    [{ birthday: 'yesterday' }, 'UnableToDeserializePostBody'],
    [{ homeAddress: 'here' }, 'UnableToDeserializePostBody'],
  ])('%j is refused', async (body, code) => {
    const before = (await truth()).contacts.length;
    const answer = await bench.graph.call(`${base}/contacts`, { method: 'POST', body });
    expect([answer.status, answer.json.error.code]).toEqual([400, code]);
    expect((await truth()).contacts).toHaveLength(before);
  });

  test('a photo is there when it was put, and only then', async () => {
    const made = await bench.graph.call(`${base}/contacts`, {
      method: 'POST',
      headers: immutable,
      body: { displayName: 'P' },
    });
    const photo = `${base}/contacts/${made.json.id}/photo/$value`;
    const none = await bench.graph.call(photo);
    expect([none.status, none.json.error.code]).toEqual([404, 'ErrorItemNotFound']);
    const bytes = Buffer.from('not really a JPEG');
    const put = await bench.graph.call(photo, {
      method: 'PUT',
      headers: { 'content-type': 'image/jpeg' },
      body: bytes,
    });
    expect(put.status).toBe(200);
    const got = await bench.graph.call(photo);
    expect([got.headers['content-type'], got.bytes.equals(bytes)]).toEqual(['image/jpeg', true]);
    const stored = (await truth()).contacts.find(({ id }) => id === made.json.id)!;
    expect(stored.photoSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(stored.canonical!.photo).toBe(stored.photoSha256);
    expect((await bench.graph.call(photo, { method: 'DELETE' })).status).toBe(204);
    expect((await bench.graph.call(photo)).status).toBe(404);
  });

  test('photos of generated contacts are the bytes of the truth', async () => {
    const { createHash } = await import('node:crypto');
    const pictured = (await truth()).contacts.filter(({ photoSha256 }) => photoSha256 !== null);
    expect(pictured.length).toBeGreaterThan(5);
    for (const { id, photoSha256 } of pictured) {
      const { bytes } = await bench.graph.call(`${base}/contacts/${id}/photo/$value`);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(photoSha256);
    }
  });
});

test('a change of contacts touches the share that was asked for, and no mail', async () => {
  const { control } = bench.simulator;
  const before = await truth();
  const mail = await control.truth({ mailbox: user, forms: false });
  const report = await control.change({ percent: 5, seed: 3, parts: ['contacts'], mailboxes: [user] });
  const after = await truth();
  const share = Math.ceil(before.contacts.length * 0.05);
  expect([report.contacts.new, report.contacts.changed, report.contacts.deleted].map((list) => list.length)).toEqual([
    share,
    share,
    share,
  ]);
  const ids = (list: { id: string }[]): string[] => list.map(({ id }) => id);
  const hashes = new Map(before.contacts.map(({ id, canonicalHash }) => [id, canonicalHash]));
  for (const id of ids(report.contacts.changed)) {
    expect(after.contacts.find((contact) => contact.id === id)!.canonicalHash).not.toBe(hashes.get(id));
  }
  expect(ids(after.contacts)).toEqual(expect.arrayContaining(ids(report.contacts.new)));
  for (const id of ids(report.contacts.deleted)) expect(ids(after.contacts)).not.toContain(id);
  expect(report.new).toEqual([]);
  const { mark: _, ...mailNow } = await control.truth({ mailbox: user, forms: false });
  const { mark: __, ...mailThen } = mail;
  expect(mailNow).toEqual(mailThen);
  expect((await control.contactsTruth({ mailbox: user, mark: before.mark })).contacts).toEqual(before.contacts);
});
