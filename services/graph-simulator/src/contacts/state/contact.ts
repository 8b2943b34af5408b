import type { ByteSource } from '../../tenant/source.ts';

/** A postal address; what is empty may be missing. */
export interface PostalAddress {
  street?: string | null;
  city?: string | null;
  state?: string | null;
  countryOrRegion?: string | null;
  postalCode?: string | null;
}

/** A contact's e-mail address, of which either part may be missing. */
export interface ContactEmail {
  name?: string | null;
  address?: string | null;
}

/** What a contact says, by Graph's names and in Graph's forms; what was never set is missing. */
export interface ContactFields {
  texts: Partial<Record<TextField, string | null>>;
  lists: Partial<Record<ListField, string[]>>;
  addresses: Partial<Record<AddressField, PostalAddress>>;
  emailAddresses?: ContactEmail[];
  /** ISO 8601 in UTC. */
  birthday?: string | null;
}

export const TEXT_FIELDS = [
  'assistantName',
  'businessHomePage',
  'companyName',
  'department',
  'displayName',
  'fileAs',
  'generation',
  'givenName',
  'initials',
  'jobTitle',
  'manager',
  'middleName',
  'mobilePhone',
  'nickName',
  'officeLocation',
  'personalNotes',
  'profession',
  'spouseName',
  'surname',
  'title',
  'yomiCompanyName',
  'yomiGivenName',
  'yomiSurname',
] as const;
export const LIST_FIELDS = ['businessPhones', 'categories', 'children', 'homePhones', 'imAddresses'] as const;
export const ADDRESS_FIELDS = ['businessAddress', 'homeAddress', 'otherAddress'] as const;

export type TextField = (typeof TEXT_FIELDS)[number];
export type ListField = (typeof LIST_FIELDS)[number];
export type AddressField = (typeof ADDRESS_FIELDS)[number];

export interface Photo {
  bytes: ByteSource;
  contentType: string;
}

/** One state of a contact; never changed, only replaced by the next. */
export interface ContactState {
  /** Key of the folder. */
  folder: number;
  fields: ContactFields;
  photo: Photo | null;
  createdAt: string;
  modifiedAt: string;
  /** Rises with each change; the change key is made of it. */
  revision: number;
  /** Rises with each move; the mutable id is made of it. */
  moves: number;
  /** Named and tagged properties as given, by normal form of their id. */
  properties: Record<string, string>;
}

/** One state of a contact folder. */
export interface ContactFolderState {
  name: string;
  /** Key of the parent; null at the top. */
  parent: number | null;
}
