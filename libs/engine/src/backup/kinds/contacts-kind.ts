import { failureRecord, isFailure } from '@backhaul/domain';
import { CONTACT_FIELDS, type ContactProperties, type ContactSource } from '../../contact-source.ts';
import { contactEntry, contactParts } from '../../stored-contact.ts';
import type { KindOfItem } from './kind-of-item.ts';

/** Contacts: their properties as listed, and the photo. */
export function contactsKind(source: ContactSource): KindOfItem<ContactProperties> {
  return {
    kind: 'contacts',
    source,
    fields: CONTACT_FIELDS,
    listing: contactEntry,
    async fetch(properties, ask) {
      try {
        const photo = await ask((signal) => source.photo(properties.id, signal));
        return { properties, parts: contactParts({ properties, photo }), lacks: null };
      } catch (error) {
        if (!isFailure(error, 'unreadable', 'invalid-input')) throw error;
        return { properties, parts: contactParts({ properties, photo: null }), lacks: failureRecord(error) };
      }
    },
    mayHideChanges: () => false,
  };
}
