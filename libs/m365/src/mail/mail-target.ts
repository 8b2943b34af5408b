import type { MailTarget, MessageProperties, PlaceFound, TwinQuery } from '@backhaul/engine';
import { REQUESTS_AT_ONCE, type Graph } from '../graph.ts';
import { attach } from '../outlook/attach.ts';
import { ensureFolder } from '../outlook/ensure-folder.ts';
import { create, findMarked, markComplete, removeForGood, SEARCH_PAGE_SIZE } from '../outlook/marked-items.ts';
import { asMailFolder, listChildren, listFolders, type GraphFolder } from './folders.ts';
import { openMailbox, quoted, segment, type Mailbox } from './mailbox.ts';
import { MESSAGE_QUERY, messageProperties } from './message-properties.ts';
import { messageToGraph } from './message-to-graph.ts';

/** Where messages of one mailbox are restored to; implements the engine's port on Microsoft Graph. It never sends mail. */
export function mailTarget(graph: Graph, userId: string): MailTarget {
  const mailbox = openMailbox(graph, userId);
  return {
    concurrency: REQUESTS_AT_ONCE,
    folders: (signal) => listFolders(mailbox, signal),
    ensureFolder: (parentId, name, { hidden }, signal) => ensureMailFolder(mailbox, parentId, name, hidden, signal),
    findMarked: (folderId, restoreId, signal) => findMarked(mailbox, messagesOf(folderId), restoreId, signal),
    findTwins: (folderId, of, signal) => findTwins(mailbox, folderId, of, signal),
    mime: (messageId, signal) => mailbox.bytes({ path: `${pathOf(messageId)}/$value`, signal }),
    create: (folderId, message, signal) => create(mailbox, messagesOf(folderId), messageToGraph(message), signal),
    attach: (messageId, attachment, signal) =>
      attach(graph, mailbox, { userId, path: pathOf(messageId) }, attachment, signal),
    markComplete: (messageId, mark, signal) => markComplete(mailbox, pathOf(messageId), mark, signal),
    remove: (messageId, signal) => removeForGood(mailbox, pathOf(messageId), signal),
  };
}

function messagesOf(folderId: string): string {
  return `/mailFolders/${segment(folderId)}/messages`;
}

function pathOf(messageId: string): string {
  return `/messages/${segment(messageId)}`;
}

async function ensureMailFolder(
  mailbox: Mailbox,
  parentId: string,
  name: string,
  hidden: boolean,
  signal: AbortSignal,
): Promise<PlaceFound> {
  const path = parentId === '' ? '/mailFolders' : `/mailFolders/${segment(parentId)}/childFolders`;
  const body = { displayName: name, ...(hidden && { isHidden: true }) };
  const there = () => listChildren(mailbox, parentId, signal);
  const folder = await ensureFolder<GraphFolder>(mailbox, { path, body, signal }, name, there);
  return asMailFolder({ isHidden: hidden, ...folder, displayName: folder.displayName ?? name }, parentId, NO_NAMES);
}

/** A folder that a restore makes is none of the well-known ones; one that was there is found by `folders` before. */
const NO_NAMES: ReadonlyMap<string, string> = new Map();

async function findTwins(
  mailbox: Mailbox,
  folderId: string,
  of: TwinQuery,
  signal: AbortSignal,
): Promise<MessageProperties[]> {
  const filter = of.internetMessageId !== '' ? `internetMessageId eq ${quoted(of.internetMessageId)}` : likeThis(of);
  const path = `${messagesOf(folderId)}?$filter=${filter.replaceAll(' ', '%20')}&${MESSAGE_QUERY}`;
  const twins: MessageProperties[] = [];
  for await (const page of mailbox.pages<MessageProperties>({ path, pageSize: SEARCH_PAGE_SIZE, signal })) {
    twins.push(...page.value.map(messageProperties));
  }
  return of.internetMessageId !== ''
    ? twins
    : twins.filter(({ sentDateTime }) => sameTime(sentDateTime, of.sentDateTime));
}

function likeThis(of: TwinQuery): string {
  const bySubject = `subject eq ${quoted(of.subject)}`;
  return of.sentDateTime === null
    ? bySubject
    : `${bySubject} and sentDateTime eq ${encodeURIComponent(of.sentDateTime)}`;
}

function sameTime(a: string | null | undefined, b: string | null): boolean {
  return a === undefined || a === null || b === null ? (a ?? null) === b : Date.parse(a) === Date.parse(b);
}
