import { CONTACT_FIELDS, type ContactProperties } from '@backhaul/engine';

/** `$select` of every list of contacts. It is part of a cursor's meaning. */
export const CONTACT_QUERY = `$select=${CONTACT_FIELDS.join(',')}`;

/** A contact as Graph lists it; in change tracking it may be the mark of one that left the folder. */
export type GraphContact = ContactProperties & { '@removed'?: { reason?: string } };

/** What is kept of a listed contact: exactly the fields that were asked for, as Microsoft gave them. */
export function contactProperties(contact: GraphContact): ContactProperties {
  const kept: Partial<Record<(typeof CONTACT_FIELDS)[number], unknown>> = {};
  for (const field of CONTACT_FIELDS) if (contact[field] !== undefined) kept[field] = contact[field];
  return kept as unknown as ContactProperties;
}
