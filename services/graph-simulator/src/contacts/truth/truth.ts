import { canonicalHash } from '../../mail/truth/canonical-form.ts';
import { changeKeyOf } from '../../outlook/change-key.ts';
import type { ContactFolderTruth, ContactsTruth, ContactTruth } from '../../protocol/contacts/truth.ts';
import type { Tenant } from '../../tenant/tenant.ts';
import { stateAt } from '../../tenant/versions.ts';
import { DEFAULT_FOLDER, type ContactBook } from '../state/contact-book.ts';
import type { ContactFolderState, ContactState } from '../state/contact.ts';
import { canonicalContact } from './canonical-contact.ts';

/** A {@link ContactsTruth} whose contacts are still to be read, once. */
export type LazyContactsTruth = Omit<ContactsTruth, 'contacts'> & { contacts: Generator<ContactTruth> };

/** What the contacts of a mailbox were at a mark, from what they were generated or posted as. */
export function contactsTruth(tenant: Tenant, book: ContactBook, mark: number, forms: boolean): LazyContactsTruth {
  const owner = tenant.owner(book.number);
  const folderAt = (key: number): ContactFolderState | null => {
    const record = book.folders.get(key);
    return record === undefined ? null : stateAt(record.versions, mark);
  };
  const found = [...book.folders.keys()].flatMap((key) => {
    const state = folderAt(key);
    return state === null ? [] : [{ key, truth: folderTruth(tenant, book, key, state, pathOf(folderAt, key)) }];
  });
  found.sort((a, b) => a.truth.path.length - b.truth.path.length || a.key - b.key);
  const paths = new Map(found.map(({ key, truth }) => [key, truth.path]));
  function* contacts(): Generator<ContactTruth> {
    for (const [key, { versions }] of book.contacts) {
      const state = stateAt(versions, mark);
      const path = state === null ? undefined : paths.get(state.folder);
      if (state !== null && path !== undefined) yield contactTruth(tenant, book, key, state, path, forms);
    }
  }
  return {
    mailbox: owner.id,
    userPrincipalName: owner.userPrincipalName,
    mark,
    folders: found.map(({ truth }) => truth),
    contacts: contacts(),
  };
}

/** Display names from the top down. */
function pathOf(folderAt: (key: number) => ContactFolderState | null, key: number): string[] {
  const state = folderAt(key);
  if (state === null) return [];
  return [...(state.parent === null ? [] : pathOf(folderAt, state.parent)), state.name];
}

function folderTruth(
  tenant: Tenant,
  book: ContactBook,
  key: number,
  state: ContactFolderState,
  path: string[],
): ContactFolderTruth {
  const id = (folder: number): string => tenant.ids.encode('contact-folder', book.number, folder);
  return {
    id: id(key),
    parentId: state.parent === null ? null : id(state.parent),
    path,
    isDefault: key === DEFAULT_FOLDER,
  };
}

function contactTruth(
  tenant: Tenant,
  book: ContactBook,
  key: number,
  state: ContactState,
  path: string[],
  forms: boolean,
): ContactTruth {
  const canonical = canonicalContact(state, path, tenant.content);
  return {
    id: tenant.ids.encode('contact', book.number, key),
    folderId: tenant.ids.encode('contact-folder', book.number, state.folder),
    changeKey: changeKeyOf('contact', book.number, key, state.revision),
    canonicalHash: canonicalHash(canonical),
    ...(forms && { canonical }),
    photoSha256: canonical.photo,
  };
}
