import { Failure } from '@backhaul/domain';
import type { ContactFields, ContactTarget } from '../src/contact-target.ts';
import { fakeContactSource } from './fake-contact-source.ts';
import { fakeItemTarget, itemAt, itemsIn } from './fake-item-target.ts';
import type { FakeMailbox } from './fake-mailbox.ts';

/** The mailbox as a restore of contacts writes it. It refuses what Exchange refuses. */
export function fakeContactTarget(mailbox: FakeMailbox): ContactTarget {
  const { contacts } = mailbox;
  return {
    ...fakeItemTarget(mailbox, contacts, 'contactFolders'),
    photo: (id, signal) => fakeContactSource(mailbox).photo(id, signal),
    findTwins: (folderId, of, signal) =>
      mailbox.answer('findTwins', folderId, signal, () =>
        itemsIn(contacts, folderId)
          .map(({ properties }) => structuredClone(properties))
          .filter(({ id, displayName }) => id === of.id || isSameName(displayName ?? '', of.displayName)),
      ),
    contact: (id, signal) =>
      mailbox.answer('contact', id, signal, () => structuredClone(contacts.items.get(id)?.properties ?? null)),
    create: (folderId, { fields, mark }, signal) =>
      mailbox.answer('create', folderId, signal, () => {
        itemsIn(contacts, folderId);
        refuseTooMany(fields);
        const nothing = { displayName: null, emailAddresses: [] };
        const given = { ...nothing, ...structuredClone(fields) };
        return { id: mailbox.addContact(folderId, given, { mark: { ...mark } }).properties.id };
      }),
    setPhoto: (id, photo, signal) =>
      mailbox.answer('setPhoto', id, signal, () => {
        itemAt(contacts, id);
        contacts.change(id, (contact) => {
          contact.photo = Uint8Array.from(photo);
        });
      }),
  };
}

function refuseTooMany({ emailAddresses, businessPhones, homePhones }: ContactFields): void {
  const isTaken = (list: readonly unknown[] | null | undefined, most: number) => (list ?? []).length <= most;
  if (isTaken(emailAddresses, 3) && isTaken(businessPhones, 2) && isTaken(homePhones, 2)) return;
  const message = 'A list of the contact has too many entries.';
  throw new Failure('invalid-input', { code: 'fake.too-many', message, retry: 'never' });
}

function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
