import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { canonicalContact, canonicalHash, type CanonicalContact, type ContactProperties } from '../src/index.ts';

function form(properties: Partial<ContactProperties>, photo: Uint8Array | null = null): CanonicalContact {
  const ids = { id: 'c', changeKey: 'k', parentFolderId: 'f' };
  return canonicalContact({ properties: { ...ids, ...properties }, photo }, ['Contacts', 'Friends']);
}

describe('the canonical form of a contact', () => {
  test('has path, fields and photo, in this order, and nothing that a copy cannot have', () => {
    const contact = form({ displayName: 'Ada', createdDateTime: '2026-01-01T00:00:00Z' }, Buffer.from('image'));
    expect(JSON.stringify(contact)).toBe(
      JSON.stringify({
        folderPath: ['Contacts', 'Friends'],
        fields: { displayName: 'Ada' },
        photo: createHash('sha256').update('image').digest('hex'),
      }),
    );
    expect(form({}).photo).toBeNull();
  });

  test('orders its fields as the specification does, whatever order they come in', () => {
    const one = form({ surname: 'Lovelace', givenName: 'Ada', companyName: 'X', assistantName: 'Y' });
    expect(Object.keys(one.fields)).toEqual(['assistantName', 'companyName', 'givenName', 'surname']);
    expect(canonicalHash(one)).toBe(
      canonicalHash(form({ assistantName: 'Y', companyName: 'X', givenName: 'Ada', surname: 'Lovelace' })),
    );
  });

  test.each<[string, Partial<ContactProperties>, CanonicalContact['fields']]>([
    ['texts as names', { jobTitle: ' Lead\r\n  engineer\0 ' }, { jobTitle: 'Lead engineer' }],
    ['texts in NFC', { surname: 'A\u0308rger' }, { surname: 'Ärger' }],
    ['notes as a body', { personalNotes: 'one  two \r\n\r\nthree\n \n' }, { personalNotes: 'one  two\n\nthree' }],
    ['a birthday as a date', { birthday: '1815-12-10T11:59:00Z' }, { birthday: '1815-12-10' }],
    ['no birthday', { birthday: 'unknown' }, {}],
    ['lists in order', { businessPhones: ['2', ' ', null, '1'] }, { businessPhones: ['2', '1'] }],
    ['categories sorted', { categories: ['b', 'B', 'a'] }, { categories: ['B', 'a', 'b'] }],
    [
      'mail addresses',
      { emailAddresses: [{ name: 'ADA@example.com', address: 'Ada@Example.com' }, { name: '', address: null }, null] },
      { emailAddresses: [{ name: '', address: 'ada@example.com' }] },
    ],
    [
      'a postal address without its empty lines',
      { homeAddress: { countryOrRegion: 'UK', city: ' London ', street: '', state: null } },
      { homeAddress: { city: 'London', countryOrRegion: 'UK' } },
    ],
    ['empty addresses', { homeAddress: {}, businessAddress: null }, {}],
    ['nothing that is empty', { displayName: ' ', children: [], imAddresses: [''], mobilePhone: null }, {}],
  ])('has %s', (_what, properties, fields) => {
    expect(form(properties).fields).toEqual(fields);
  });
});
