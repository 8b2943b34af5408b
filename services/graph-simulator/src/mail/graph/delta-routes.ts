import { badRequest, GraphError } from '../../http/graph-error.ts';
import type { GraphRequest } from '../../http/graph-request.ts';
import { ok, type Reply } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import { ROOT, type Mailbox } from '../state/mailbox.ts';
import { stateAt } from '../../tenant/versions.ts';
import { isWithin } from '../state/operations.ts';
import { ACCESS } from '../../graph/access.ts';
import { deltaPage, LinkGenerations, type DeltaPage, type Tracked } from '../../graph/delta.ts';
import { readExpansion } from '../../outlook/expand.ts';
import { checkFolderSelection, folderJson } from './folder-routes.ts';
import { keyPath, openMailbox, preferenceApplied, type GraphContext } from '../../graph/graph-context.ts';
import { folderId, openFolder, type OpenFolder } from './open-mail.ts';
import { readMessageFilter } from './message-filter.ts';
import { EXPANDABLE, messageJson, messageShape } from './message-json.ts';
import { selected } from '../../graph/paging.ts';

const REMOVED = { reason: 'deleted' } as const;

/** Change tracking of the folder hierarchy and of the messages of one folder. */
export function deltaRoutes(context: GraphContext): Route[] {
  const generations = new LinkGenerations();
  return [
    {
      method: 'GET',
      path: '/users/{user}/mailFolders/delta',
      access: ACCESS.mailList,
      handle: (request, [user]) => foldersDelta(context, generations, request, user!),
    },
    {
      method: 'GET',
      path: '/users/{user}/mailFolders/{folder}/messages/delta',
      access: ACCESS.mailList,
      handle: (request, [user, folder]) =>
        messagesDelta(context, generations, request, openTracked(context, request, user!, folder!)),
    },
  ];
}

function foldersDelta(
  context: GraphContext,
  generations: LinkGenerations,
  request: GraphRequest,
  userName: string,
): Reply {
  const { user, mailbox } = openMailbox(context, userName);
  const path = keyPath(['users', user.id], 'mailFolders', 'delta');
  const keys = [...mailbox.folders.keys()].filter((key) => isTracked(mailbox, key)).sort((a, b) => a - b);
  const page = deltaPage(context, generations, request, {
    path,
    mailbox: mailbox.number,
    keys,
    changes: mailbox.folderChanges,
  });
  const select = page.query.list('select');
  checkFolderSelection(select);
  const value = page.keys
    .filter((key) => isTracked(mailbox, key) || (page.tellsRemoved && !isHidden(mailbox, key)))
    .map((key) => {
      if (!isTracked(mailbox, key)) return { id: folderId(context, mailbox, key), '@removed': REMOVED };
      return selected(folderJson(context, mailbox, key), select);
    });
  return deltaReply(context, request, 'Collection(mailFolder)', value, page);
}

/** Hidden folders and what is outside the root are no part of the hierarchy that is tracked. */
function isTracked(mailbox: Mailbox, key: number): boolean {
  const state = mailbox.folder(key);
  return state !== null && key !== ROOT && !state.hidden && isWithin(mailbox, key, ROOT);
}

function isHidden(mailbox: Mailbox, key: number): boolean {
  return mailbox.folders.get(key)!.versions.some(({ state }) => state?.hidden === true);
}

function openTracked(context: GraphContext, request: GraphRequest, userName: string, folderName: string): OpenFolder {
  const open = openMailbox(context, userName);
  try {
    return openFolder(context, open, folderName);
  } catch (error) {
    const follows = request.query.get('deltatoken') ?? request.query.get('skiptoken');
    if (follows === undefined || !(error instanceof GraphError) || error.status !== 404) throw error;
    throw new GraphError(404, 'ErrorSyncFolderNotFound', 'The specified folder could not be found in the store.');
  }
}

function messagesDelta(
  context: GraphContext,
  generations: LinkGenerations,
  request: GraphRequest,
  open: OpenFolder,
): Reply {
  const { user, mailbox, folder } = open;
  const id = folderId(context, mailbox, folder.key);
  const path = keyPath(['users', user.id], ['mailFolders', id], 'messages', 'delta');
  const tracked: Tracked = { path, mailbox: mailbox.number, keys: folder.messages, changes: folder.changes };
  const page = deltaPage(context, generations, request, tracked);
  const shape = messageShape(
    page.query.list('select'),
    readExpansion(page.query, 'message', EXPANDABLE),
    request.app.roles,
  );
  const filter = readReceivedFilter(page, mailbox);
  const changeType = page.query.get('changeType');
  const value: object[] = [];
  for (const key of page.keys) {
    const state = mailbox.message(key);
    if (state !== null && state.folder === folder.key) {
      if (!filter(state.receivedAt)) continue;
      if (page.tellsRemoved && !isOfType(changeType, mailbox, key, folder.key, page.since)) continue;
      value.push(messageJson({ context, request, mailbox, key, state }, shape, true));
    } else if (page.tellsRemoved && (changeType === undefined || changeType === 'deleted')) {
      value.push({
        '@odata.type': '#microsoft.graph.message',
        id: removedId(context, request, mailbox, key, folder.key),
        '@removed': REMOVED,
      });
    }
  }
  return deltaReply(context, request, 'Collection(message)', value, page);
}

/** The id under which the message was known in this folder. */
function removedId(
  context: GraphContext,
  request: GraphRequest,
  mailbox: Mailbox,
  key: number,
  folder: number,
): string {
  const { ids } = context.tenant;
  if (request.preferences.immutableIds) return ids.encode('message', mailbox.number, key);
  const last = mailbox.messages.get(key)!.versions.findLast(({ state }) => state?.folder === folder);
  return ids.encode('moved-message', mailbox.number, key, last?.state?.moves ?? 0);
}

function isOfType(
  changeType: string | undefined,
  mailbox: Mailbox,
  key: number,
  folder: number,
  since: number,
): boolean {
  if (changeType === undefined) return true;
  const wasThere = stateAt(mailbox.messages.get(key)!.versions, since)?.folder === folder;
  return changeType === (wasThere ? 'updated' : 'created');
}

/** Only `receivedDateTime ge/gt` may be asked for. */
function readReceivedFilter({ query }: DeltaPage, mailbox: Mailbox): (receivedAt: string | null) => boolean {
  const text = query.get('filter');
  if (text === undefined) return () => true;
  if (!/^\s*receivedDateTime\s+(ge|gt)\s+\S+\s*$/i.test(text)) {
    throw badRequest(
      'Change tracking supports only filters by receivedDateTime with ge or gt.',
      'ErrorInvalidUrlQueryFilter',
    );
  }
  const filter = readMessageFilter(text, mailbox);
  return (receivedAt) => filter.matches({ receivedAt } as Parameters<typeof filter.matches>[0]);
}

function deltaReply(
  context: GraphContext,
  request: GraphRequest,
  what: string,
  value: object[],
  page: DeltaPage,
): Reply {
  const body = { '@odata.context': context.links.context(what), ...page.link, value };
  return ok(body, preferenceApplied(request, true));
}
