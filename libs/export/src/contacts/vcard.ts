import type { ContactProperties, PostalAddress, StoredContact } from '@backhaul/engine';
import ICAL from 'ical.js';
import { plainLine, plainText, type Property } from '../content-line.ts';
import { imageType } from './image-type.ts';

/**
 * A contact as vCard 3.0 (RFC 2426), which Outlook, Google and Apple all read; 4.0 they do not. The photo is embedded. Fields
 * that the standard does not know have the names other programs use for them (`X-MS-…`, `X-PHONETIC-…`).
 */
export function contactCard({ properties, photo }: StoredContact): string {
  const lines: Property[] = [
    ['version', {}, 'text', '3.0'],
    ['prodid', {}, 'text', '-//Backhaul//Export//EN'],
    ['uid', {}, 'text', properties.id],
    ...nameLines(properties),
    ...workLines(properties),
    ...waysToReach(properties),
    ...personLines(properties),
    ...photoLines(photo),
  ];
  const changed = Date.parse(properties.lastModifiedDateTime ?? '');
  if (!Number.isNaN(changed)) lines.push(['rev', {}, 'date-time', `${new Date(changed).toISOString().slice(0, 19)}Z`]);
  return ICAL.stringify(['vcard', lines, []]);
}

function nameLines(contact: ContactProperties): Property[] {
  const { surname, givenName, middleName, title, generation } = contact;
  const display = [contact.displayName, contact.fileAs, contact.companyName, contact.emailAddresses?.[0]?.address];
  return [
    ['fn', {}, 'text', display.map(plainLine).find((name) => name !== '') ?? 'Unnamed'],
    ['n', {}, 'text', [surname, givenName, middleName, title, generation].map(plainText)],
    ...texts('nickname', [contact.nickName]),
    ...texts('sort-string', [contact.fileAs]),
    ...texts('x-ms-initials', [contact.initials]),
    ...texts('x-phonetic-first-name', [contact.yomiGivenName]),
    ...texts('x-phonetic-last-name', [contact.yomiSurname]),
    ...texts('x-phonetic-org', [contact.yomiCompanyName]),
  ];
}

function workLines(contact: ContactProperties): Property[] {
  const organization = [contact.companyName, contact.department].map(plainText);
  return [
    ...(organization.every((part) => part === '') ? [] : [['org', {}, 'text', organization] satisfies Property]),
    ...texts('title', [contact.jobTitle]),
    ...texts('role', [contact.profession]),
    ...texts('x-ms-office-location', [contact.officeLocation]),
    ...texts('x-ms-assistant', [contact.assistantName]),
    ...texts('x-ms-manager', [contact.manager]),
  ];
}

function waysToReach(contact: ContactProperties): Property[] {
  const { businessPhones, homePhones, mobilePhone, businessHomePage } = contact;
  return [
    ...(contact.emailAddresses ?? []).flatMap((entry) => mailLine(entry?.address, entry?.name)),
    ...phones('WORK', businessPhones),
    ...phones('HOME', homePhones),
    ...phones('CELL', [mobilePhone]),
    ...texts('x-ms-imaddress', contact.imAddresses),
    ...addressLine('WORK', contact.businessAddress),
    ...addressLine('HOME', contact.homeAddress),
    ...addressLine('OTHER', contact.otherAddress),
    ...(plainLine(businessHomePage) === ''
      ? []
      : [['url', { type: 'WORK' }, 'uri', plainLine(businessHomePage)] satisfies Property]),
  ];
}

function personLines(contact: ContactProperties): Property[] {
  const birthday = Date.parse(contact.birthday ?? '');
  const categories = (contact.categories ?? []).map(plainText).filter((category) => category !== '');
  return [
    ...(Number.isNaN(birthday)
      ? []
      : [['bday', {}, 'date', new Date(birthday).toISOString().slice(0, 10)] satisfies Property]),
    ...texts('x-ms-spouse', [contact.spouseName]),
    ...texts('x-ms-child', contact.children),
    ...texts('note', [contact.personalNotes]),
    ...(categories.length === 0 ? [] : [['categories', {}, 'text', ...categories] satisfies Property]),
  ];
}

function photoLines(photo: Uint8Array | null): Property[] {
  if (photo === null || photo.length === 0) return [];
  const type = imageType(photo);
  const base64 = Buffer.from(photo.buffer, photo.byteOffset, photo.byteLength).toString('base64');
  return [['photo', { encoding: 'b', ...(type === null ? {} : { type }) }, 'binary', base64]];
}

/** A line for each value that says something. Of names the standard does not know, the type is stated. */
function texts(name: string, values: readonly (string | null | undefined)[] | null | undefined): Property[] {
  return (values ?? []).flatMap((value): Property[] => {
    const text = plainText(value);
    return text === '' ? [] : [[name, {}, 'text', text]];
  });
}

function mailLine(address: string | null | undefined, name: string | null | undefined): Property[] {
  const shown = plainLine(name);
  if (plainLine(address) === '' && shown === '') return [];
  const parameters = { type: 'INTERNET', ...(shown === '' ? {} : { 'x-display-name': shown }) };
  return [['email', parameters, 'text', plainLine(address)]];
}

function phones(type: string, numbers: readonly (string | null | undefined)[] | null | undefined): Property[] {
  return (numbers ?? []).flatMap((number): Property[] => {
    const plain = plainLine(number);
    return plain === '' ? [] : [['tel', { type: [type, 'VOICE'] }, 'phone-number', plain]];
  });
}

function addressLine(type: string, address: PostalAddress | null | undefined): Property[] {
  const { street, city, state, postalCode, countryOrRegion } = address ?? {};
  const parts = [street, city, state, postalCode, countryOrRegion].map(plainText);
  if (parts.every((part) => part === '')) return [];
  // Of the seven parts the first two, post office box and extended address, are in Microsoft's street.
  return [['adr', { type }, 'text', ['', '', ...parts]]];
}
