import type { ContactFields, ContactState } from './contact.ts';

/** The state of a contact that has just come to be. @param now ISO 8601 */
export function newContactState(folder: number, fields: ContactFields, now: string): ContactState {
  return {
    folder,
    fields,
    photo: null,
    createdAt: now,
    modifiedAt: now,
    revision: 1,
    moves: 0,
    properties: {},
  };
}

/** Fields with others set over them; what is null in `set` is cleared. */
export function mergedFields(fields: ContactFields, set: ContactFields): ContactFields {
  return {
    ...fields,
    ...set,
    texts: { ...fields.texts, ...set.texts },
    lists: { ...fields.lists, ...set.lists },
    addresses: { ...fields.addresses, ...set.addresses },
  };
}
