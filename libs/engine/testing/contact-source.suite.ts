import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ContactProperties } from '../src/contact-source.ts';
import { failureOf } from './failure-of.ts';
import { itemSourceSuite } from './item-source.suite.ts';
import type { ContactsUnderTest } from './items-under-test.ts';

const { signal } = new AbortController();

/** What every implementation of {@link ContactSource} promises. */
export function contactSourceSuite(name: string, open: () => Promise<ContactsUnderTest>): void {
  itemSourceSuite(`of contacts ${name}`, open);

  describe(`contact source ${name}`, () => {
    let there: ContactsUnderTest;
    let contacts: string;

    beforeEach(async () => {
      there = await open();
      const folders = await there.source.folders(signal);
      contacts = folders.find(({ wellKnownName }) => wellKnownName === 'contacts')?.id ?? '';
    });
    afterEach(() => there.close());

    async function properties(folderId: string, id: string): Promise<ContactProperties | undefined> {
      for await (const page of there.source.changes(folderId, null, signal)) {
        const found = page.changed.find((contact) => contact.id === id);
        if (found !== undefined) return found;
      }
      return undefined;
    }

    test('gives nested folders, below the standard one too, each with its parent', async () => {
      const friends = await there.addFolder('Friends');
      const deep = await there.addFolderBelow(friends, 'Old friends');
      const below = await there.addFolderBelow(contacts, 'Below');
      const folders = new Map((await there.source.folders(signal)).map((folder) => [folder.id, folder]));
      expect(folders.get(friends)).toMatchObject({ parentId: '', wellKnownName: null, hidden: false });
      expect(folders.get(deep)).toMatchObject({ parentId: friends, name: 'Old friends' });
      expect(folders.get(below)).toMatchObject({ parentId: contacts, name: 'Below' });
    });

    test('lists all that is stated of a contact', async () => {
      const stated = {
        givenName: 'Ada',
        surname: 'Lovelace',
        displayName: 'Ada Lovelace',
        fileAs: 'Lovelace, Ada',
        companyName: 'Analytical Engines',
        businessPhones: ['+1 2', '+1 3'],
        mobilePhone: '+44 1',
        emailAddresses: [{ name: 'Ada', address: 'ada@example.com' }],
        homeAddress: { street: '1 Lane', city: 'London', postalCode: 'N1', countryOrRegion: 'UK' },
        categories: ['Red'],
        personalNotes: 'Line 1\nLine 2 – ü',
        birthday: '1815-12-10T00:00:00Z',
      };
      const id = await there.addContact(contacts, stated);
      expect(await properties(contacts, id)).toMatchObject({ ...stated, id, parentFolderId: contacts });
    });

    test('gives the photo of a contact byte by byte, and says that there is none', async () => {
      const photo = Buffer.from([255, 216, 255, 0, 13, 10, 0]);
      const withPhoto = await there.addContact(contacts, { displayName: 'With' }, photo);
      const without = await there.addContact(contacts, { displayName: 'Without' });
      expect(Buffer.from((await there.source.photo(withPhoto, signal)) ?? [])).toEqual(photo);
      expect(await there.source.photo(without, signal)).toBeNull();
    });

    test('finds no photo of a contact that is gone', async () => {
      const id = await there.addContact(contacts, { displayName: 'Gone' }, Buffer.from('photo'));
      await there.removeItem(id);
      expect(await failureOf(there.source.photo(id, signal))).toMatchObject({ kind: 'not-found' });
    });
  });
}
