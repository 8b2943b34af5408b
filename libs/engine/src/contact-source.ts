import type { ItemProperties, ItemSource } from './item-source.ts';

/** PORT: where a mailbox's contacts are read from. Their properties are listed whole; only the photo is asked for by itself. */
export interface ContactSource extends ItemSource<ContactProperties> {
  /** The photo's bytes, or null when the contact has none. @throws Failure `not-found` when the contact is gone meanwhile. */
  photo(contactId: string, signal: AbortSignal): Promise<Uint8Array | null>;
}

/** The JSON of a contact: the fields of {@link CONTACT_FIELDS} as Microsoft gave them. */
export interface ContactProperties extends ItemProperties {
  parentFolderId: string;
  assistantName?: string | null;
  /** Date and time; the date of it in UTC is meant. */
  birthday?: string | null;
  businessAddress?: PostalAddress | null;
  businessHomePage?: string | null;
  businessPhones?: (string | null)[] | null;
  categories?: (string | null)[] | null;
  children?: (string | null)[] | null;
  companyName?: string | null;
  createdDateTime?: string | null;
  department?: string | null;
  displayName?: string | null;
  emailAddresses?: ({ name?: string | null; address?: string | null } | null)[] | null;
  fileAs?: string | null;
  generation?: string | null;
  givenName?: string | null;
  homeAddress?: PostalAddress | null;
  homePhones?: (string | null)[] | null;
  imAddresses?: (string | null)[] | null;
  initials?: string | null;
  jobTitle?: string | null;
  lastModifiedDateTime?: string | null;
  manager?: string | null;
  middleName?: string | null;
  mobilePhone?: string | null;
  nickName?: string | null;
  officeLocation?: string | null;
  otherAddress?: PostalAddress | null;
  personalNotes?: string | null;
  profession?: string | null;
  spouseName?: string | null;
  surname?: string | null;
  title?: string | null;
  yomiCompanyName?: string | null;
  yomiGivenName?: string | null;
  yomiSurname?: string | null;
}

/** Microsoft gives `{}` for an address that is not there. */
export interface PostalAddress {
  street?: string | null;
  city?: string | null;
  state?: string | null;
  postalCode?: string | null;
  countryOrRegion?: string | null;
}

/** What is asked for and stored of every contact besides its photo; a change of this list changes the cursor's scope. */
export const CONTACT_FIELDS = [
  'id',
  'changeKey',
  'parentFolderId',
  'createdDateTime',
  'lastModifiedDateTime',
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
