import { Failure } from '@backhaul/domain';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { canonicalContact } from '../src/canonical-contact.ts';
import type { ContactFields, ContactTarget, ContactToCreate } from '../src/contact-target.ts';
import { againWhenLost } from './again-when-lost.ts';
import { failureOf } from './failure-of.ts';
import type { OpenContactTarget, TargetUnderTest } from './target-under-test.ts';

const { signal } = new AbortController();

/** What every implementation of {@link ContactTarget} promises. */
export function contactTargetSuite(name: string, open: OpenContactTarget): void {
  describe(`contact target ${name}`, () => {
    let scene: TargetUnderTest<ContactTarget>;
    let target: ContactTarget;
    let contacts: string;

    beforeEach(async () => {
      scene = await open();
      target = scene.target;
      const found = (await target.folders(signal)).find(({ wellKnownName }) => wellKnownName === 'contacts');
      contacts = found?.id ?? '';
    });
    afterEach(() => scene.close());

    const folder = (folderName: string, parentId = '') =>
      target.ensureFolder(parentId, folderName, { hidden: false }, signal);
    const create = async (more: Partial<ContactToCreate> = {}, folderId = contacts) =>
      (await target.create(folderId, { fields: ADA, mark: MARK, ...more }, signal)).id;
    const twins = async (displayName: string, id: string | null = null, folderId = contacts) =>
      (await target.findTwins(folderId, { displayName, id }, signal)).map((one) => one.id).sort();

    describe('a folder', () => {
      const named = async (wanted: string) =>
        (await target.folders(signal)).filter(({ name: listed }) => listed === wanted);

      test('of the standard contacts is there, at the top', () => {
        expect(contacts).not.toBe('');
      });

      test('is made once, whatever the case of its name', async () => {
        const first = await folder('Überblick');
        const second = await folder('überblick');
        expect([second.id, second.name]).toEqual([first.id, 'Überblick']);
        expect(await named('Überblick')).toMatchObject([{ id: first.id, parentId: '', hidden: false }]);
      });

      test('is made below others, under a name that one of them bears too', async () => {
        const above = await folder('Twice');
        const below = await folder('Twice', above.id);
        const deep = await folder('Deep', below.id);
        expect(await named('Twice')).toEqual(
          expect.arrayContaining([
            expect.objectContaining({ id: above.id, parentId: '' }),
            expect.objectContaining({ id: below.id, parentId: above.id }),
          ]),
        );
        expect(await named('Deep')).toMatchObject([{ id: deep.id, parentId: below.id }]);
      });

      test('whose answer was lost is there once', async () => {
        await scene.loseAnswer('ensureFolder');
        const made = await againWhenLost(() => folder('Lost'));
        expect(await named('Lost')).toMatchObject([{ id: made.id }]);
      });
    });

    describe('a created contact', () => {
      test('is as it was, in its folder', async () => {
        const { id: folderId } = await folder('Restored');
        const id = await create({}, folderId);
        const made = await target.contact(id, signal);
        expect(made).toMatchObject({ id, parentFolderId: folderId });
        const expected = { properties: { id: '', changeKey: '', parentFolderId: '', ...ADA }, photo: null };
        expect(made && canonicalContact({ properties: made, photo: null }, [])).toEqual(canonicalContact(expected, []));
      });

      test.each<[string, ContactFields]>([
        ['nothing but a company', { companyName: 'Analytical Engines Ltd' }],
        ['a name that needs care in a search', { displayName: 'O’Neil & "Sons" #1 + 50%' }],
      ])('may have %s', async (_what, fields) => {
        const id = await create({ fields });
        expect(await target.contact(id, signal)).toMatchObject(fields);
        expect(await twins(fields.displayName ?? '')).toEqual([id]);
      });

      test('with more addresses than Exchange takes is refused, and is nowhere', async () => {
        const emailAddresses = ['a', 'b', 'c', 'd'].map((who) => ({ name: who, address: `${who}@example.com` }));
        const made = create({ fields: { displayName: 'Many', emailAddresses } });
        expect(await failureOf(made)).toMatchObject({ kind: 'invalid-input' });
        expect(await twins('Many')).toEqual([]);
      });

      test('whose answer was lost is there once, and is found by its mark', async () => {
        await scene.loseAnswer('create');
        expect(await failureOf(create())).toMatchObject({ kind: 'unavailable' });
        const there = await twins('Ada Lovelace');
        expect(there).toHaveLength(1);
        expect(await target.findMarked(contacts, 'restore-1', signal)).toEqual([{ id: there[0], mark: MARK }]);
      });

      test('leaves the mailbox silent', async () => {
        await create();
        expect(await scene.sent()).toBe(0);
      });
    });

    describe('a photo', () => {
      test('arrives byte for byte, and again when it is set once more', async () => {
        const id = await create();
        expect(await target.photo(id, signal)).toBeNull();
        await target.setPhoto(id, JPEG, signal);
        await target.setPhoto(id, JPEG, signal);
        expect(Buffer.from((await target.photo(id, signal)) ?? [])).toEqual(Buffer.from(JPEG));
      });

      test('of a contact that is gone is not found', async () => {
        const id = await create();
        await target.remove(id, signal);
        expect(await failureOf(target.photo(id, signal))).toMatchObject({ kind: 'not-found' });
        expect(await target.contact(id, signal)).toBeNull();
      });
    });

    describe('the mark', () => {
      test('says which restore made a contact, of which item, and whether it is complete', async () => {
        const id = await create();
        expect(await target.findMarked(contacts, 'restore-1', signal)).toEqual([{ id, mark: MARK }]);
        const complete = { ...MARK, complete: true };
        await scene.loseAnswer('markComplete');
        await againWhenLost(() => target.markComplete(id, complete, signal));
        expect(await target.findMarked(contacts, 'restore-1', signal)).toEqual([{ id, mark: complete }]);
        const reduced = { ...complete, isReduced: true };
        await target.markComplete(id, reduced, signal);
        expect(await target.findMarked(contacts, 'restore-1', signal)).toEqual([{ id, mark: reduced }]);
      });

      test('is found in its folder alone, and not by another restore', async () => {
        const { id: other } = await folder('Other');
        const id = await create();
        await create({ mark: { ...MARK, restoreId: 'restore-10' } });
        expect((await target.findMarked(contacts, 'restore-1', signal)).map((found) => found.id)).toEqual([id]);
        expect(await target.findMarked(other, 'restore-1', signal)).toEqual([]);
      });
    });

    describe('twins', () => {
      test('are the contacts of the folder with the same name, whatever its case', async () => {
        const ids = [await create(), await create({ fields: { displayName: 'ADA LOVELACE' } })];
        await create({ fields: { displayName: 'Ada Love' } });
        await create({}, (await folder('Other')).id);
        expect(await twins('Ada Lovelace')).toEqual(ids.sort());
      });

      test('and the one with the id, if it still lies there', async () => {
        const id = await create({ fields: { displayName: 'Ada King' } });
        const other = await create({}, (await folder('Other')).id);
        expect(await twins('Ada Lovelace', id)).toEqual([id]);
        expect(await twins('Ada Lovelace', other)).toEqual([]);
        expect(await twins('Ada King', id)).toEqual([id]);
      });
    });

    test('removing takes one contact and no other, and may be repeated', async () => {
      const [kept, gone] = [await create(), await create()];
      await target.remove(gone, signal);
      await target.remove(gone, signal);
      expect(await twins('Ada Lovelace')).toEqual([kept]);
    });

    test('nothing is made any more once the work is stopped, and the reason comes back', async () => {
      const work = new AbortController();
      const reason = new Failure('lease-lost', { code: 'lease.lost', message: 'Taken.', retry: 'never' });
      work.abort(reason);
      const made = target.create(contacts, { fields: ADA, mark: MARK }, work.signal);
      expect(await failureOf(made)).toBe(reason);
      expect(await twins('Ada Lovelace')).toEqual([]);
    });
  });
}

const MARK = { restoreId: 'restore-1', itemId: 'item/1', complete: false };

const ADA: ContactFields = {
  displayName: 'Ada Lovelace',
  givenName: 'Ada',
  surname: 'Lovelace',
  emailAddresses: [{ name: 'Ada', address: 'ada@example.com' }],
  businessPhones: ['+44 1', '+44 2'],
  homeAddress: { street: 'Grüner Weg 1', city: 'London', countryOrRegion: 'UK' },
  birthday: '1815-12-10T00:00:00Z',
  personalNotes: 'first\r\nsecond',
  categories: ['Blue', 'Red'],
};

const JPEG = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 1, 2, 3, 0xff, 0xd9]);
