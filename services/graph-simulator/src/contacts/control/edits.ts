import type { EditTable } from '../../control/edit-table.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import { isoSeconds } from '../../mail/generate/message.ts';
import type { ContactsEdit } from '../../protocol/contacts/changes.ts';
import type { EditResult } from '../../protocol/item.ts';
import { openBook, openContact, openContactFolder, type OpenBook, type OpenContact } from '../graph/open-contact.ts';
import { contactFields } from '../graph/posted-contact.ts';
import { mergedFields } from '../state/next-state.ts';
import {
  changeContact,
  changeContactFolder,
  createContactFolder,
  isContactFolderWithin,
  moveContact,
  removeContact,
  removeContactFolder,
} from '../state/operations.ts';
import { givenPhoto } from './given-contact.ts';

/** Exact edits of contacts, as the mailbox's owner would do them. */
export const CONTACTS_EDITS: EditTable<ContactsEdit> = {
  'add-contact-folder': (context, edit) => {
    const open = openBook(context, edit.mailbox);
    const parent = edit.parent === undefined ? null : folderKey(context, open, edit.parent);
    return folderResult(
      context,
      open,
      createContactFolder(context.tenant, open.book, { name: edit.displayName, parent }),
    );
  },
  'rename-contact-folder': (context, edit) => {
    const open = openBook(context, edit.mailbox);
    const key = folderKey(context, open, edit.folder);
    changeContactFolder(context.tenant, open.book, key, { name: edit.displayName });
    return folderResult(context, open, key);
  },
  'move-contact-folder': (context, edit) => {
    const open = openBook(context, edit.mailbox);
    const key = folderKey(context, open, edit.folder);
    const parent = edit.to === null ? null : folderKey(context, open, edit.to);
    if (parent !== null && isContactFolderWithin(open.book, parent, key))
      throw new Error('a contact folder cannot be moved below itself');
    changeContactFolder(context.tenant, open.book, key, { parent });
    return folderResult(context, open, key);
  },
  'delete-contact-folder': (context, edit) => {
    const open = openBook(context, edit.mailbox);
    const key = folderKey(context, open, edit.folder);
    removeContactFolder(context.tenant, open.book, key);
    return folderResult(context, open, key);
  },
  'update-contact': (context, edit) => {
    const found = open(context, edit);
    const fields = mergedFields(found.contact.fields, contactFields(edit.set));
    changeContact(context.tenant, found.book, found.key, { fields }, now(context));
    return contactResult(context, found);
  },
  'set-contact-photo': (context, edit) => {
    const found = open(context, edit);
    const photo = edit.photoBase64 === null ? null : givenPhoto(context, edit.photoBase64);
    changeContact(context.tenant, found.book, found.key, { photo }, now(context));
    return contactResult(context, found);
  },
  'move-contact': (context, edit) => {
    const found = open(context, edit);
    moveContact(context.tenant, found.book, found.key, folderKey(context, found, edit.to), now(context));
    return contactResult(context, found);
  },
  'delete-contact': (context, edit) => {
    const found = open(context, edit);
    removeContact(context.tenant, found.book, found.key);
    return contactResult(context, found);
  },
};

function open(context: GraphContext, { mailbox, contact }: { mailbox: string; contact: string }): OpenContact {
  return openContact(context, openBook(context, mailbox), contact);
}

function folderKey(context: GraphContext, book: OpenBook, name: string): number {
  return openContactFolder(context, book, name).folder.key;
}

function folderResult({ tenant }: GraphContext, { book }: OpenBook, key: number): EditResult {
  return { id: tenant.ids.encode('contact-folder', book.number, key) };
}

function contactResult({ tenant }: GraphContext, { book, key }: OpenContact): EditResult {
  return { id: tenant.ids.encode('contact', book.number, key) };
}

function now(context: GraphContext): string {
  return isoSeconds(context.now().getTime());
}
