import type { ContactSource } from '../src/contact-source.ts';
import type { FakeMailbox } from './fake-mailbox.ts';
import { fakeChanges, fakeList, notFound, unreadable } from './fake-walk.ts';

/** The contacts of the mailbox as a backup reads them. */
export function fakeContactSource(mailbox: FakeMailbox): ContactSource {
  const { contacts } = mailbox;
  const walk = { mailbox, items: contacts };
  return {
    concurrency: mailbox.concurrency,
    folders: (signal) =>
      mailbox.answer('contactFolders', '', signal, () => structuredClone([...contacts.folders.values()])),
    changes: (folderId, cursor, signal) =>
      fakeChanges({ ...walk, request: 'contactChanges', folderId, signal }, cursor),
    list: (folderId, signal) => fakeList({ ...walk, request: 'contactList', folderId, signal }),
    photo: (id, signal) =>
      mailbox.answer('photo', id, signal, () => {
        const contact = contacts.items.get(id);
        if (contact === undefined) throw notFound('contact', id);
        if (contact.unreadable === 'photo') throw unreadable('photo');
        return contact.photo;
      }),
  };
}
