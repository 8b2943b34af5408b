import type { MailSource } from '@backhaul/engine';
import { REQUESTS_AT_ONCE, type Graph } from '../graph.ts';
import { listedItems } from '../outlook/listed-items.ts';
import { trackedChanges } from '../outlook/tracked-changes.ts';
import { listFolders, type FolderChoice } from './folders.ts';
import { openMailbox, segment } from './mailbox.ts';
import { messageParts } from './message-parts.ts';
import { MESSAGE_QUERY, messageProperties, type GraphMessage } from './message-properties.ts';

/** Entries asked for per page. */
const PAGE_SIZE = 500;

/** The mail of one user, shared or room mailbox; implements the engine's port on Microsoft Graph. */
export function mailSource(graph: Graph, userId: string, choice: FolderChoice = {}): MailSource {
  const mailbox = openMailbox(graph, userId, 'Mail.Read');
  const { host } = new URL(graph.root);
  const messagesOf = (folderId: string) => `/mailFolders/${segment(folderId)}/messages`;
  return {
    concurrency: REQUESTS_AT_ONCE,
    folders: (signal) => listFolders(mailbox, signal, choice),
    changes: (folderId, cursor, signal) =>
      trackedChanges<GraphMessage, ReturnType<typeof messageProperties>>(
        mailbox,
        { path: `${messagesOf(folderId)}/delta?${MESSAGE_QUERY}`, cursor, host, pageSize: PAGE_SIZE, signal },
        messageProperties,
      ),
    list: (folderId, signal) =>
      listedItems(
        mailbox,
        { path: `${messagesOf(folderId)}?${MESSAGE_QUERY}`, pageSize: PAGE_SIZE, signal },
        messageProperties,
      ),
    mime: (messageId, signal) => mailbox.bytes({ path: `/messages/${segment(messageId)}/$value`, signal }),
    parts: (messageId, signal) => messageParts(mailbox, messageId, signal),
  };
}
