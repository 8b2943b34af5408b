import { describe, expect, test } from '@jest/globals';
import type { ContactProperties } from '../src/index.ts';
import { contactLikeness } from '../src/restore/contact/contact-likeness.ts';
import { restorableContact } from '../src/restore/contact/restorable-contact.ts';

const bare: ContactProperties = { id: 'c1', changeKey: 'k1', parentFolderId: 'f1' };

describe('what is created of a contact', () => {
  test('is every field that has a value, and nothing that the service says by itself', () => {
    const stored: ContactProperties = {
      ...bare,
      createdDateTime: '2020-01-01T00:00:00Z',
      lastModifiedDateTime: '2021-01-01T00:00:00Z',
      displayName: 'Ada Lovelace',
      birthday: '1815-12-10T00:00:00Z',
      personalNotes: 'first line\r\nsecond line',
      emailAddresses: [{ name: 'Ada', address: 'ada@example.com' }],
      businessAddress: { street: '12 St James’s Square', city: 'London' },
      categories: ['Red'],
    };
    const { fields, losses } = restorableContact(stored);
    expect(losses).toEqual([]);
    expect(fields).toEqual({
      displayName: 'Ada Lovelace',
      birthday: '1815-12-10T00:00:00Z',
      personalNotes: 'first line\r\nsecond line',
      emailAddresses: [{ name: 'Ada', address: 'ada@example.com' }],
      businessAddress: { street: '12 St James’s Square', city: 'London' },
      categories: ['Red'],
    });
  });

  test('leaves out what Exchange gives for nothing: null, empty texts, lists and addresses', () => {
    const stored: ContactProperties = {
      ...bare,
      displayName: 'Ada',
      title: '',
      manager: null,
      homePhones: [],
      businessPhones: ['', null],
      homeAddress: {},
      otherAddress: { street: '', city: null },
      emailAddresses: [null, { name: '', address: '' }],
    };
    expect(restorableContact(stored).fields).toEqual({ displayName: 'Ada' });
  });

  test('is shortened to what Exchange takes, and says of which field how much was left out', () => {
    const stored: ContactProperties = {
      ...bare,
      emailAddresses: ['a@x', 'b@x', 'c@x', 'd@x', 'e@x'].map((address) => ({ address })),
      businessPhones: ['1', '2', '3'],
      homePhones: ['1', '2'],
    };
    const { fields, losses } = restorableContact(stored);
    expect(fields.emailAddresses?.map((entry) => entry?.address)).toEqual(['a@x', 'b@x', 'c@x']);
    expect(fields.businessPhones).toEqual(['1', '2']);
    expect(losses.map(({ code }) => code)).toEqual(['restore.field-shortened', 'restore.field-shortened']);
    expect(losses.map(({ message }) => message).join(' ')).toMatch(/"businessPhones".* 1 .*"emailAddresses".* 2 /s);
  });
});

describe('contacts that are versions of each other', () => {
  const ada: ContactProperties = {
    ...bare,
    displayName: 'Ada Lovelace',
    emailAddresses: [{ address: 'ada@x.example' }],
  };
  const john: ContactProperties = { ...bare, displayName: 'John Smith' };

  test.each<[string, ContactProperties, ContactProperties, boolean]>([
    ['the same person with another job', ada, { ...ada, jobTitle: 'Countess' }, true],
    [
      'name and address written differently',
      ada,
      { ...ada, displayName: ' ADA  lovelace', emailAddresses: [null, { address: 'ADA@X.example' }] },
      true,
    ],
    [
      'another second address',
      ada,
      { ...ada, emailAddresses: [{ address: 'ada@x.example' }, { address: 'b@x' }] },
      true,
    ],
    ['another first address', ada, { ...ada, emailAddresses: [{ address: 'byron@x.example' }] }, false],
    ['the address gone', ada, { ...ada, emailAddresses: [] }, false],
    [
      'two people with one name and different phones',
      { ...john, mobilePhone: '1' },
      { ...john, mobilePhone: '2' },
      false,
    ],
    [
      'two people with one name in different companies',
      { ...john, companyName: 'A' },
      { ...john, companyName: 'B' },
      false,
    ],
    [
      'the same phone, another title',
      { ...john, homePhones: ['1'] },
      { ...john, homePhones: ['1'], title: 'Dr' },
      true,
    ],
  ])('%s', (_what, one, other, areVersions) => {
    expect(contactLikeness(one) === contactLikeness(other)).toBe(areVersions);
  });
});
