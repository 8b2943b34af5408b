import { describe, expect, test } from '@jest/globals';
import type { ContactProperties } from '@backhaul/engine';
import fc from 'fast-check';
import ICAL from 'ical.js';
import { contactCard } from '../src/contacts/vcard.ts';

const CONTACT: ContactProperties = {
  id: 'AAMkAD=',
  changeKey: 'c',
  parentFolderId: 'contacts',
  displayName: 'Dr. Ada Lovelace; Countess, of\\Lovelace',
  fileAs: 'Lovelace, Ada',
  givenName: 'Ada',
  middleName: 'King',
  surname: 'Lovelace',
  title: 'Dr.',
  generation: 'I',
  initials: 'A.L.',
  nickName: 'Ada, the first',
  yomiGivenName: 'エイダ',
  yomiSurname: 'ラブレス',
  yomiCompanyName: 'カイシャ',
  companyName: 'Analytical; Engines',
  department: 'Research, Notes',
  jobTitle: 'Programmer',
  profession: 'Mathematician',
  officeLocation: 'Room 1',
  assistantName: 'Charles',
  manager: 'Babbage',
  emailAddresses: [
    { name: 'Ada (work)', address: 'ada@example.com' },
    { name: '', address: 'countess@example.org' },
  ],
  businessPhones: ['+44 20 1', '+44 20 2;ext=3'],
  homePhones: ['+44 30'],
  mobilePhone: '+44 7',
  imAddresses: ['sip:ada@example.com', 'ada'],
  businessHomePage: 'https://example.com/a,b;c',
  businessAddress: {
    street: '1 St James’s Sq\r\n2nd floor',
    city: 'London',
    state: 'LDN',
    postalCode: 'SW1',
    countryOrRegion: 'UK',
  },
  homeAddress: { city: 'Ockham; Park' },
  otherAddress: {},
  birthday: '1815-12-10T11:59:00Z',
  spouseName: 'William',
  children: ['Byron', 'Anne', 'Ralph'],
  personalNotes: 'Line one\r\nLine two, with; marks \\ and a very long tail '.repeat(5),
  categories: ['Red, dark', 'Work'],
  lastModifiedDateTime: '2026-01-02T03:04:05Z',
};

const PHOTO = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(5_000, 7)]);

function read(card: string) {
  const component = new ICAL.Component(ICAL.parse(card));
  const all = (name: string) =>
    component.getAllProperties(name).map((property) => ({
      value: property.getValues().length > 1 ? property.getValues() : (property.getFirstValue() as any),
      type: property.getParameter('type'),
      property,
    }));
  const value = (name: string) => all(name)[0]?.value;
  return { all, value, values: (name: string) => all(name).map((one) => one.value) };
}

describe('a contact with every field', () => {
  const { value, values, all } = read(contactCard({ properties: CONTACT, photo: PHOTO }));

  test('is read back with each of them', () => {
    expect(value('version')).toBe('3.0');
    expect(value('uid')).toBe('AAMkAD=');
    expect(value('fn')).toBe(CONTACT.displayName);
    expect(value('n')).toEqual(['Lovelace', 'Ada', 'King', 'Dr.', 'I']);
    expect(value('nickname')).toBe('Ada, the first');
    expect(value('sort-string')).toBe('Lovelace, Ada');
    expect(value('org')).toEqual(['Analytical; Engines', 'Research, Notes']);
    expect([value('title'), value('role')]).toEqual(['Programmer', 'Mathematician']);
    expect(
      ['initials', 'office-location', 'assistant', 'manager', 'spouse'].map((name) => value(`x-ms-${name}`)),
    ).toEqual(['A.L.', 'Room 1', 'Charles', 'Babbage', 'William']);
    expect(['first-name', 'last-name', 'org'].map((name) => value(`x-phonetic-${name}`))).toEqual([
      'エイダ',
      'ラブレス',
      'カイシャ',
    ]);
    expect(values('x-ms-child')).toEqual(['Byron', 'Anne', 'Ralph']);
    expect(values('x-ms-imaddress')).toEqual(['sip:ada@example.com', 'ada']);
    expect(value('url')).toBe('https://example.com/a,b;c');
    expect(value('note')).toBe(CONTACT.personalNotes?.replaceAll('\r\n', '\n'));
    expect(value('categories')).toEqual(['Red, dark', 'Work']);
    expect(String(value('bday'))).toBe('1815-12-10');
    expect(String(value('rev'))).toBe('2026-01-02T03:04:05Z');
  });

  test('can be reached as before', () => {
    expect(all('email').map(({ value, property }) => [value, property.getParameter('x-display-name')])).toEqual([
      ['ada@example.com', 'Ada (work)'],
      ['countess@example.org', undefined],
    ]);
    expect(all('tel').map(({ value, type }) => [value, type])).toEqual([
      ['+44 20 1', ['WORK', 'VOICE']],
      ['+44 20 2;ext=3', ['WORK', 'VOICE']],
      ['+44 30', ['HOME', 'VOICE']],
      ['+44 7', ['CELL', 'VOICE']],
    ]);
    expect(all('adr').map(({ value, type }) => [type, value])).toEqual([
      ['WORK', ['', '', '1 St James’s Sq\n2nd floor', 'London', 'LDN', 'SW1', 'UK']],
      ['HOME', ['', '', '', 'Ockham; Park', '', '', '']],
    ]);
  });

  test('keeps its photo byte for byte', () => {
    const photo = all('photo')[0];
    expect([photo?.type, photo?.property.getParameter('encoding')]).toEqual(['JPEG', 'b']);
    expect(Buffer.from(photo?.value.value ?? photo?.value, 'base64')).toEqual(PHOTO);
  });
});

test('a contact without anything still is a card with a name', () => {
  const bare = read(contactCard({ properties: { id: 'x', changeKey: '', parentFolderId: '' }, photo: null }));
  expect([bare.value('fn'), bare.value('n')]).toEqual(['Unnamed', ['', '', '', '', '']]);
  expect(bare.all('photo')).toEqual([]);
});

test('whatever fields say, no line of the card is made by them, and they are read back', () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 }).map((value) => value.toWellFormed());
  const evil = fc.oneof(
    text,
    fc.constantFrom('a\r\nEND:VCARD\r\nBEGIN:VCARD', 'x\nPHOTO:y', '";:,\\n', '^n^\'"', '\u2028X:1'),
  );
  fc.assert(
    fc.property(evil, evil, evil, (name, note, mailName) => {
      const card = contactCard({
        properties: {
          ...CONTACT,
          displayName: `N${name}`,
          personalNotes: `P${note}`,
          emailAddresses: [{ name: `M${mailName}`, address: 'a@b' }],
        },
        photo: null,
      });
      expect(card.match(/^(BEGIN|END):/gm)).toEqual(['BEGIN:', 'END:']);
      expect(card).not.toMatch(/[^\r]\n|\r[^\n]/);
      const { value, all } = read(card);
      const cleaned = (given: string) =>
        given.replace(/\r\n?|[\u2028\u2029\x85]/g, '\n').replace(/[^\P{Cc}\n\t]/gu, '');
      expect(value('note')).toBe(cleaned(`P${note}`));
      expect(value('fn')).toBe(cleaned(`N${name}`).replace(/\s+/g, ' ').trim());
      expect(all('email')[0]?.value).toBe('a@b');
    }),
    { numRuns: 150 },
  );
});
