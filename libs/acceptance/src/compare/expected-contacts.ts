import { canonicalContact, readStoredContact } from '@backhaul/engine';
import type { ContactsTruth } from '@backhaul/graph-simulator';
import type { ExpectedTree } from './compare-tree.ts';
import { firstDifference } from './difference.ts';

/** What a point must hold of a mailbox's contacts: every one equal in the canonical form, its photo included. */
export function expectedContacts(truth: ContactsTruth): ExpectedTree {
  return {
    owner: truth.userPrincipalName,
    kind: 'contacts',
    folders: truth.folders.map(({ id, path }) => ({ id, path })),
    items: truth.contacts.map(({ id, folderId, canonical }) => ({
      id,
      folderId,
      async compare(item, point, folderPath, differs) {
        const contact = await readStoredContact(item, point);
        const form = contact && canonicalContact(contact, folderPath);
        if (JSON.stringify(form) !== JSON.stringify(canonical)) {
          differs(id, `canonical form differs: ${firstDifference(canonical, form)}`);
        }
      },
    })),
  };
}
