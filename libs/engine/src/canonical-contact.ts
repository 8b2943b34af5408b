import { createHash } from 'node:crypto';
import {
  canonicalAddresses,
  canonicalCategories,
  canonicalName,
  canonicalText,
  type CanonicalAddress,
} from './canonical-texts.ts';
import type { ContactProperties, PostalAddress } from './contact-source.ts';
import type { StoredContact } from './stored-contact.ts';

/** A contact in the form in which two copies are compared; `docs/canonical-form.md` is the specification. */
export interface CanonicalContact {
  folderPath: string[];
  /** Fields that have a value, in the order of the specification. */
  fields: Record<string, CanonicalField>;
  /** SHA-256 of the photo, lower-case hex; null without one. */
  photo: string | null;
}

export type CanonicalField = string | string[] | CanonicalAddress[] | Record<string, string>;

/** The canonical form of a contact; `folderPath` is given from the top folder down. */
export function canonicalContact({ properties, photo }: StoredContact, folderPath: string[]): CanonicalContact {
  const fields: CanonicalContact['fields'] = {};
  for (const name of Object.keys(FORMS) as FieldName[]) {
    const value = formOf(properties, name);
    if (value !== null) fields[name] = value;
  }
  return {
    folderPath: [...folderPath],
    fields,
    photo: photo === null ? null : createHash('sha256').update(photo).digest('hex'),
  };
}

type FieldName = Exclude<
  keyof ContactProperties,
  'id' | 'changeKey' | 'parentFolderId' | 'createdDateTime' | 'lastModifiedDateTime'
>;

/** Each field's canonical form, null for one without a value; in the order of the specification. */
const FORMS: { [F in FieldName]: (value: ContactProperties[F]) => CanonicalField | null } = {
  assistantName: text,
  birthday: date,
  businessAddress: postalAddress,
  businessHomePage: text,
  businessPhones: list,
  categories: categories,
  children: list,
  companyName: text,
  department: text,
  displayName: text,
  emailAddresses: mailAddresses,
  fileAs: text,
  generation: text,
  givenName: text,
  homeAddress: postalAddress,
  homePhones: list,
  imAddresses: list,
  initials: text,
  jobTitle: text,
  manager: text,
  middleName: text,
  mobilePhone: text,
  nickName: text,
  officeLocation: text,
  otherAddress: postalAddress,
  personalNotes: notes,
  profession: text,
  spouseName: text,
  surname: text,
  title: text,
  yomiCompanyName: text,
  yomiGivenName: text,
  yomiSurname: text,
};

function formOf<F extends FieldName>(properties: ContactProperties, name: F): CanonicalField | null {
  const form: (value: ContactProperties[F]) => CanonicalField | null = FORMS[name];
  return form(properties[name]);
}

function text(value: string | null | undefined): string | null {
  return canonicalName(value ?? '') || null;
}

function notes(value: string | null | undefined): string | null {
  return canonicalText(value ?? '') || null;
}

function date(value: string | null | undefined): string | null {
  const parsed = Date.parse(value ?? '');
  return Number.isNaN(parsed) ? null : new Date(parsed).toISOString().slice(0, -14);
}

function list(value: readonly (string | null)[] | null | undefined): string[] | null {
  return unlessEmpty((value ?? []).map((one) => canonicalName(one ?? '')).filter((one) => one !== ''));
}

function categories(value: readonly (string | null)[] | null | undefined): string[] | null {
  return unlessEmpty(canonicalCategories(value).filter((one) => one !== ''));
}

function mailAddresses(value: ContactProperties['emailAddresses']): CanonicalAddress[] | null {
  return unlessEmpty(
    canonicalAddresses((value ?? []).map((one) => ({ name: one?.name ?? '', address: one?.address ?? '' }))),
  );
}

const ADDRESS_FIELDS = ['street', 'city', 'state', 'postalCode', 'countryOrRegion'] as const;

function postalAddress(value: PostalAddress | null | undefined): Record<string, string> | null {
  const stated = ADDRESS_FIELDS.map((field) => [field, canonicalName(value?.[field] ?? '')] as const);
  const filled = stated.filter(([, line]) => line !== '');
  return filled.length === 0 ? null : Object.fromEntries(filled);
}

function unlessEmpty<T>(elements: T[]): T[] | null {
  return elements.length === 0 ? null : elements;
}
