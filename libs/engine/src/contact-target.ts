import type { ContactProperties } from './contact-source.ts';
import type { ItemTarget, RestoreMark } from './item-target.ts';

/** PORT: where contacts are restored to. */
export interface ContactTarget extends ItemTarget {
  /** Contacts of a folder with this display name (without regard to case), and the one with this id if it lies there. */
  findTwins(folderId: string, of: ContactQuery, signal: AbortSignal): Promise<ContactProperties[]>;

  /** A contact as it is there now, or null when it is not. */
  contact(contactId: string, signal: AbortSignal): Promise<ContactProperties | null>;

  /** The photo of a contact that is there, or null when it has none. @throws Failure `not-found` when the contact is gone */
  photo(contactId: string, signal: AbortSignal): Promise<Uint8Array | null>;

  /**
   * Creates a contact. When the answer is lost the adapter does not repeat the call but throws `unavailable`; the caller
   * looks for the mark.
   */
  create(folderId: string, contact: ContactToCreate, signal: AbortSignal): Promise<{ id: string }>;

  /** Gives a contact its photo; repeating it does no harm. @throws Failure `invalid-input` when Microsoft refuses it. */
  setPhoto(contactId: string, photo: Uint8Array, signal: AbortSignal): Promise<void>;
}

export interface ContactQuery {
  displayName: string;
  /** The id it had when it was backed up, where it may still be in its place; else null. */
  id: string | null;
}

/** What can be said of a contact that is created. */
export type ContactFields = Omit<
  ContactProperties,
  'id' | 'changeKey' | 'parentFolderId' | 'createdDateTime' | 'lastModifiedDateTime'
>;

export interface ContactToCreate {
  fields: ContactFields;
  mark: RestoreMark;
}
