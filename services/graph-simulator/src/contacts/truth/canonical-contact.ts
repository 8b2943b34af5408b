import { byCodeUnit, canonicalAddress, manyLines, oneLine } from '../../outlook/canonical-text.ts';
import type { CanonicalContact } from '../../protocol/contacts/truth.ts';
import type { Content } from '../../tenant/content.ts';
import {
  ADDRESS_FIELDS,
  LIST_FIELDS,
  TEXT_FIELDS,
  type AddressField,
  type ContactFields,
  type ContactState,
  type ListField,
  type PostalAddress,
  type TextField,
} from '../state/contact.ts';

/** The fields in the order of `docs/canonical-form.md`, from which this file is written. */
const FIELDS = [
  'assistantName',
  'birthday',
  'businessAddress',
  'businessHomePage',
  'businessPhones',
  'categories',
  'children',
  'companyName',
  'department',
  'displayName',
  'emailAddresses',
  'fileAs',
  'generation',
  'givenName',
  'homeAddress',
  'homePhones',
  'imAddresses',
  'initials',
  'jobTitle',
  'manager',
  'middleName',
  'mobilePhone',
  'nickName',
  'officeLocation',
  'otherAddress',
  'personalNotes',
  'profession',
  'spouseName',
  'surname',
  'title',
  'yomiCompanyName',
  'yomiGivenName',
  'yomiSurname',
] as const;

type Value = CanonicalContact['fields'][string];

export function canonicalContact(state: ContactState, folderPath: string[], content: Content): CanonicalContact {
  const fields: CanonicalContact['fields'] = {};
  for (const name of FIELDS) {
    const value = canonicalField(state.fields, name);
    if (value !== null) fields[name] = value;
  }
  return { folderPath, fields, photo: state.photo === null ? null : content.sha256(state.photo.bytes) };
}

/** Null when there is no value. */
function canonicalField(fields: ContactFields, name: (typeof FIELDS)[number]): Value | null {
  if (name === 'birthday') return fields.birthday ? fields.birthday.slice(0, 10) : null;
  if (name === 'emailAddresses') {
    const addresses = (fields.emailAddresses ?? [])
      .map((email) => canonicalAddress({ name: email.name ?? '', address: email.address ?? '' }))
      .filter((email) => email.name !== '' || email.address !== '');
    return addresses.length === 0 ? null : addresses;
  }
  if (isOneOf(TEXT_FIELDS, name)) return textField(name, fields.texts[name] ?? '');
  if (isOneOf(LIST_FIELDS, name)) return listField(name, fields.lists[name] ?? []);
  return isOneOf(ADDRESS_FIELDS, name) ? addressField(fields.addresses[name] ?? {}) : null;
}

function textField(name: TextField, text: string): string | null {
  const normal = name === 'personalNotes' ? manyLines(text) : oneLine(text);
  return normal === '' ? null : normal;
}

function listField(name: ListField, entries: readonly string[]): string[] | null {
  const normal = entries.map(oneLine).filter((entry) => entry !== '');
  if (name === 'categories') normal.sort(byCodeUnit);
  return normal.length === 0 ? null : normal;
}

function addressField(address: PostalAddress): Record<string, string> | null {
  const parts: Record<string, string> = {};
  for (const part of ['street', 'city', 'state', 'postalCode', 'countryOrRegion'] as const) {
    const text = oneLine(address[part] ?? '');
    if (text !== '') parts[part] = text;
  }
  return Object.keys(parts).length === 0 ? null : parts;
}

function isOneOf<Name extends TextField | ListField | AddressField>(
  names: readonly Name[],
  name: string,
): name is Name {
  return (names as readonly string[]).includes(name);
}
