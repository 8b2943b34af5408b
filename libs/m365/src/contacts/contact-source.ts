import type { ContactSource } from '@backhaul/engine';
import { REQUESTS_AT_ONCE, type Graph } from '../graph.ts';
import { openMailbox, segment } from '../mail/mailbox.ts';
import { listedItems } from '../outlook/listed-items.ts';
import { trackedChanges } from '../outlook/tracked-changes.ts';
import { CONTACT_QUERY, contactProperties } from './contact-properties.ts';
import { listContactFolders } from './folders.ts';
import { contactPhoto } from './photo.ts';

/** Entries asked for per page. */
const PAGE_SIZE = 500;

/** The contacts of one mailbox; implements the engine's port on Microsoft Graph. */
export function contactSource(graph: Graph, userId: string): ContactSource {
  const mailbox = openMailbox(graph, userId, 'Contacts.Read');
  const { host } = new URL(graph.root);
  const contactsOf = (folderId: string) => `/contactFolders/${segment(folderId)}/contacts`;
  return {
    concurrency: REQUESTS_AT_ONCE,
    folders: (signal) => listContactFolders(mailbox, signal),
    changes: (folderId, cursor, signal) =>
      trackedChanges(
        mailbox,
        { path: `${contactsOf(folderId)}/delta?${CONTACT_QUERY}`, cursor, host, pageSize: PAGE_SIZE, signal },
        contactProperties,
      ),
    list: (folderId, signal) =>
      listedItems(
        mailbox,
        { path: `${contactsOf(folderId)}?${CONTACT_QUERY}`, pageSize: PAGE_SIZE, signal },
        contactProperties,
      ),
    photo: (contactId, signal) => contactPhoto(mailbox, contactId, signal),
  };
}
