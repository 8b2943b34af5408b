import { Failure, isFailure } from '@backhaul/domain';
import type { MailFolder, MailTarget, MarkedItem, MessageProperties, TwinQuery } from '@backhaul/engine';
import { REQUESTS_AT_ONCE, type Graph } from '../graph.ts';
import { attach } from './attachments.ts';
import { asMailFolder, listChildren, listFolders, type GraphFolder } from './folders.ts';
import { openMailbox, quoted, segment, type Mailbox } from './mailbox.ts';
import { MESSAGE_QUERY, messageProperties } from './message-properties.ts';
import { messageToGraph } from './message-to-graph.ts';
import { markedQuery, markProperties, readMark, type ExtendedProperty } from './restore-mark.ts';

/** Messages asked for per page of a search. */
const PAGE_SIZE = 500;

/** Where messages of one mailbox are restored to; implements the engine's port on Microsoft Graph. It never sends mail. */
export function mailTarget(graph: Graph, userId: string): MailTarget {
  const mailbox = openMailbox(graph, userId);
  return {
    concurrency: REQUESTS_AT_ONCE,
    folders: (signal) => listFolders(mailbox, signal),
    ensureFolder: (parentId, name, options, signal) => ensureFolder(mailbox, parentId, name, options.hidden, signal),
    findMarked: (folderId, restoreId, signal) => findMarked(mailbox, folderId, restoreId, signal),
    findTwins: (folderId, of, signal) => findTwins(mailbox, folderId, of, signal),
    mime: (messageId, signal) => mailbox.bytes({ path: `/messages/${segment(messageId)}/$value`, signal }),
    async create(folderId, message, signal) {
      const path = `/mailFolders/${segment(folderId)}/messages`;
      const request = { method: 'POST' as const, path, body: messageToGraph(message), signal };
      const { id } = await mailbox.json<{ id: string }>(request).catch(refused);
      return { id };
    },
    attach: (messageId, attachment, signal) =>
      attach(graph, mailbox, { userId, id: messageId }, attachment, signal).catch(refused),
    markComplete: (messageId, mark, signal) =>
      mailbox.send({
        method: 'PATCH',
        path: `/messages/${segment(messageId)}`,
        body: { singleValueExtendedProperties: markProperties({ ...mark, complete: true }) },
        signal,
      }),
    remove: (messageId, signal) => remove(mailbox, messageId, signal),
  };
}

/** Names are unique in a folder without regard to case, so a repeated creation finds the first one. */
async function ensureFolder(
  mailbox: Mailbox,
  parentId: string,
  name: string,
  hidden: boolean,
  signal: AbortSignal,
): Promise<MailFolder> {
  const path = parentId === '' ? '/mailFolders' : `/mailFolders/${segment(parentId)}/childFolders`;
  const body = { displayName: name, ...(hidden && { isHidden: true }) };
  try {
    const made = await mailbox.json<GraphFolder>({ method: 'POST', path, body, repeatable: true, signal });
    return asMailFolder({ displayName: name, isHidden: hidden, ...made }, parentId, NO_NAMES);
  } catch (error) {
    if (!isFailure(error, 'conflict')) throw error;
    const wanted = name.toLowerCase();
    const there = (await listChildren(mailbox, parentId, signal)).find(
      (folder) => folder.displayName?.toLowerCase() === wanted,
    );
    if (there === undefined) throw error;
    return asMailFolder(there, parentId, NO_NAMES);
  }
}

/** A folder that a restore makes is none of the well-known ones; one that was there is found by `folders` before. */
const NO_NAMES: ReadonlyMap<string, string> = new Map();

async function findMarked(
  mailbox: Mailbox,
  folderId: string,
  restoreId: string,
  signal: AbortSignal,
): Promise<MarkedItem[]> {
  const marked: MarkedItem[] = [];
  const path = `/mailFolders/${segment(folderId)}/messages?${markedQuery(restoreId)}`;
  const found = mailbox.pages<{ id: string; singleValueExtendedProperties?: ExtendedProperty[] }>({
    path,
    pageSize: PAGE_SIZE,
    signal,
  });
  for await (const page of found) {
    for (const { id, singleValueExtendedProperties } of page.value) {
      const mark = readMark(singleValueExtendedProperties);
      if (mark !== null) marked.push({ id, mark });
    }
  }
  return marked;
}

async function findTwins(
  mailbox: Mailbox,
  folderId: string,
  of: TwinQuery,
  signal: AbortSignal,
): Promise<MessageProperties[]> {
  const filter = of.internetMessageId !== '' ? `internetMessageId eq ${quoted(of.internetMessageId)}` : likeThis(of);
  const path = `/mailFolders/${segment(folderId)}/messages?$filter=${filter.replaceAll(' ', '%20')}&${MESSAGE_QUERY}`;
  const twins: MessageProperties[] = [];
  for await (const page of mailbox.pages<MessageProperties>({ path, pageSize: PAGE_SIZE, signal })) {
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

/** For good: an ordinary DELETE would leave half-made messages in Deleted Items. */
async function remove(mailbox: Mailbox, messageId: string, signal: AbortSignal): Promise<void> {
  const path = `/messages/${segment(messageId)}/permanentDelete`;
  try {
    await mailbox.send({ method: 'POST', path, repeatable: true, signal });
  } catch (error) {
    if (!isFailure(error, 'not-found')) throw error;
  }
}

/** Codes that, in answer to a GET, say that an item cannot be read, say of a POST that it was refused. */
function refused(error: unknown): never {
  if (!isFailure(error, 'unreadable')) throw error;
  const { message, where } = error;
  throw new Failure('invalid-input', {
    code: 'graph.refused',
    message,
    retry: 'never',
    where: { ...where },
    cause: error,
  });
}
