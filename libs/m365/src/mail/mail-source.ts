import { Failure, isFailure } from '@backhaul/domain';
import type { MailSource, MessageChanges } from '@backhaul/engine';
import { REQUESTS_AT_ONCE, type Graph } from '../graph.ts';
import { listFolders } from './folders.ts';
import { openMailbox, segment, type Mailbox } from './mailbox.ts';
import { messageParts } from './message-parts.ts';
import { MESSAGE_QUERY, messageProperties, type GraphMessage } from './message-properties.ts';

/** Entries asked for per page of changes. */
const PAGE_SIZE = 500;

/** The mail of one user, shared or room mailbox; implements the engine's port on Microsoft Graph. */
export function mailSource(graph: Graph, userId: string): MailSource {
  const mailbox = openMailbox(graph, userId);
  return {
    concurrency: REQUESTS_AT_ONCE,
    folders: (signal) => listFolders(mailbox, signal),
    changes: (folderId, cursor, signal) => changes(mailbox, new URL(graph.root).host, folderId, cursor, signal),
    mime: (messageId, signal) => mailbox.bytes({ path: `/messages/${segment(messageId)}/$value`, signal }),
    parts: (messageId, signal) => messageParts(mailbox, messageId, signal),
  };
}

async function* changes(
  mailbox: Mailbox,
  host: string,
  folderId: string,
  cursor: string | null,
  signal: AbortSignal,
): AsyncGenerator<MessageChanges> {
  if (cursor !== null) checkCursor(cursor, host);
  const path = `/mailFolders/${segment(folderId)}/messages/delta?${MESSAGE_QUERY}`;
  let last: string | undefined;
  try {
    for await (const page of mailbox.pages<GraphMessage>({
      path,
      pageSize: PAGE_SIZE,
      signal,
      ...(cursor === null ? {} : { from: cursor }),
    })) {
      last = page.deltaLink;
      yield { ...changesOf(page.value), ...(last === undefined ? {} : { cursor: last }) };
    }
  } catch (error) {
    throw cursor === null ? folderGone(error) : error;
  }
  if (last === undefined) throw noCursor(folderId);
}

/** An id that comes more than once in a page counts as what it is last. */
function changesOf(page: readonly GraphMessage[]): Pick<MessageChanges, 'changed' | 'removed'> {
  const latest = [...new Map(page.map((message) => [message.id, message])).values()];
  return {
    changed: latest.filter((message) => message['@removed'] === undefined).map(messageProperties),
    removed: latest.filter((message) => message['@removed'] !== undefined).map(({ id }) => id),
  };
}

/**
 * A cursor of another host (the tenant's endpoint was changed) is of no use here and must not be followed: that is an
 * expiry. One that is no address at all was damaged: that is an error of change tracking.
 */
function checkCursor(cursor: string, host: string): void {
  if (!URL.canParse(cursor)) {
    throw new Failure('invalid-input', {
      code: 'graph.cursor-malformed',
      message: 'The stored change-tracking cursor is not an address.',
      retry: 'never',
    });
  }
  if (new URL(cursor).host === host) return;
  throw new Failure('expired', {
    code: 'graph.cursor-foreign',
    message: 'The stored change-tracking cursor belongs to another Microsoft endpoint.',
    retry: 'now',
    where: { host: new URL(cursor).host },
  });
}

/** Without a cursor there is none to be lost: the folder itself is not there. */
function folderGone(error: unknown): unknown {
  if (!isFailure(error) || error.code !== 'graph.sync-folder-not-found') return error;
  const { message, where } = error;
  return new Failure('not-found', {
    code: 'graph.item-not-found',
    message,
    retry: 'never',
    where: { ...where },
    cause: error,
  });
}

function noCursor(folderId: string): Failure {
  return new Failure('unavailable', {
    code: 'graph.cursor-missing',
    message: 'The list of changes ended without a cursor.',
    retry: 'later',
    where: { folderId },
  });
}
