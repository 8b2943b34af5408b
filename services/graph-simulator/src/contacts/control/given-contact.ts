import type { GraphContext } from '../../graph/graph-context.ts';
import { isoSeconds } from '../../mail/generate/message.ts';
import { readProperties } from '../../outlook/extended-properties.ts';
import type { NewContact } from '../../protocol/contacts/changes.ts';
import type { EditResult } from '../../protocol/item.ts';
import { openBook, openContactFolder } from '../graph/open-contact.ts';
import { contactFields } from '../graph/posted-contact.ts';
import type { Photo } from '../state/contact.ts';
import { newContactState } from '../state/next-state.ts';
import { createContact } from '../state/operations.ts';

/** Puts a given contact into a folder. @throws Error for fields that contacts cannot have */
export function addContact(
  context: GraphContext,
  { mailbox, folder = 'contacts', contact, photoBase64 }: NewContact,
): EditResult {
  const { tenant } = context;
  const open = openBook(context, mailbox);
  const state = {
    ...newContactState(
      openContactFolder(context, open, folder).folder.key,
      contactFields(contact),
      isoSeconds(context.now().getTime()),
    ),
    photo: photoBase64 === undefined ? null : givenPhoto(context, photoBase64),
    properties: readProperties(contact['singleValueExtendedProperties']),
  };
  return { id: tenant.ids.encode('contact', open.book.number, createContact(tenant, open.book, state)) };
}

/** A photo of given bytes. */
export function givenPhoto({ tenant }: GraphContext, base64: string): Photo {
  return { bytes: tenant.content.keepBytes(Buffer.from(base64, 'base64')), contentType: 'image/jpeg' };
}
