import type { Tenant } from '../../tenant/tenant.ts';
import type { ContactBook } from './contact-book.ts';
import type { ContactFolderState, ContactState } from './contact.ts';

/*
 * What can be done to a contact book. Each operation writes one event for each folder or contact that it touches; whether
 * it is allowed is the business of the callers.
 */

export function createContactFolder(tenant: Tenant, book: ContactBook, state: ContactFolderState): number {
  const key = book.newKey();
  tenant.apply({ do: 'contact-folder', mailbox: book.number, key, state });
  return key;
}

export function changeContactFolder(
  tenant: Tenant,
  book: ContactBook,
  key: number,
  set: Partial<ContactFolderState>,
): void {
  tenant.apply({ do: 'contact-folder', mailbox: book.number, key, state: { ...book.folder(key)!, ...set } });
}

/** Removes a folder with all that is in and below it. */
export function removeContactFolder(tenant: Tenant, book: ContactBook, key: number): void {
  for (const child of book.children(key)) removeContactFolder(tenant, book, child);
  for (const contact of [...book.folders.get(key)!.contacts]) removeContact(tenant, book, contact);
  tenant.apply({ do: 'contact-folder', mailbox: book.number, key, state: null });
}

export function createContact(tenant: Tenant, book: ContactBook, state: ContactState): number {
  const key = book.newKey();
  tenant.apply({ do: 'contact', mailbox: book.number, key, state });
  return key;
}

/** Replaces parts of a contact's state; its change key changes. @param now ISO 8601 */
export function changeContact(
  tenant: Tenant,
  book: ContactBook,
  key: number,
  set: Partial<ContactState>,
  now: string,
): ContactState {
  const before = book.contact(key)!;
  const state: ContactState = { ...before, ...set, modifiedAt: now, revision: before.revision + 1 };
  tenant.apply({ do: 'contact', mailbox: book.number, key, state });
  return state;
}

/** The immutable id stays, the mutable one changes. */
export function moveContact(tenant: Tenant, book: ContactBook, key: number, folder: number, now: string): void {
  changeContact(tenant, book, key, { folder, moves: book.contact(key)!.moves + 1 }, now);
}

export function removeContact(tenant: Tenant, book: ContactBook, key: number): void {
  tenant.apply({ do: 'contact', mailbox: book.number, key, state: null });
}

/** Whether `folder` is `ancestor` or lies below it. */
export function isContactFolderWithin(book: ContactBook, folder: number, ancestor: number): boolean {
  for (let key: number | null | undefined = folder; key !== null && key !== undefined; key = book.folder(key)?.parent) {
    if (key === ancestor) return true;
  }
  return false;
}
