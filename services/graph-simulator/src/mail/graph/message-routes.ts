import { badRequest } from '../../http/graph-error.ts';
import type { GraphRequest } from '../../http/graph-request.ts';
import { created, noContent, ok, type Reply } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import { renderMime } from '../mime/render.ts';
import type { FolderRecord, Mailbox } from '../state/mailbox.ts';
import {
  copyMessage,
  createMessage,
  isRecoverable,
  moveMessage,
  removeMessage,
  changeMessage,
} from '../state/operations.ts';
import { isoSeconds } from '../generate/message.ts';
import { ACCESS } from '../../graph/access.ts';
import { NO_EXPANSION, readExpansion } from '../../outlook/expand.ts';
import {
  keyPath,
  openMailbox,
  openMailboxForWriting,
  preferenceApplied,
  type GraphContext,
  type OpenMailbox,
} from '../../graph/graph-context.ts';
import { folderId, openFolder, openMessage, type OpenMessage } from './open-mail.ts';
import { jsonBody, textField } from '../../graph/json-body.ts';
import { readMessageFilter } from './message-filter.ts';
import { EXPANDABLE, messageJson, messageShape } from './message-json.ts';
import { messageFromJson, messageFromMime, messagePatch } from './posted-message.ts';
import { listPage, openListing, OUTLOOK_PAGES } from '../../graph/paging.ts';

type ForMessage = (request: GraphRequest, open: OpenMessage) => Reply | Promise<Reply>;

/** Messages: listings, one, its MIME, and what can be done to it. */
export function messageRoutes(context: GraphContext): Route[] {
  const one = (method: string, tail: string, access: Route['access'], handle: ForMessage): Route[] => {
    const open = method === 'GET' ? openMailbox : openMailboxForWriting;
    return [
      {
        method,
        path: `/users/{user}/messages/{message}${tail}`,
        access,
        handle: (request, [user, id]) => handle(request, openMessage(context, open(context, user!), id!)),
      },
      {
        method,
        path: `/users/{user}/mailFolders/{folder}/messages/{message}${tail}`,
        access,
        handle: (request, [user, , id]) => handle(request, openMessage(context, open(context, user!), id!)),
      },
    ];
  };
  return [
    {
      method: 'GET',
      path: '/users/{user}/messages',
      access: ACCESS.mailList,
      handle: (request, [user]) => list(context, request, openMailbox(context, user!), null),
    },
    {
      method: 'GET',
      path: '/users/{user}/mailFolders/{folder}/messages',
      access: ACCESS.mailList,
      handle: (request, [user, folder]) => {
        const open = openMailbox(context, user!);
        return list(context, request, open, openFolder(context, open, folder!).folder);
      },
    },
    {
      method: 'POST',
      path: '/users/{user}/messages',
      access: ACCESS.mailWrite,
      handle: (request, [user]) => create(context, request, user!, 'drafts'),
    },
    {
      method: 'POST',
      path: '/users/{user}/mailFolders/{folder}/messages',
      access: ACCESS.mailWrite,
      handle: (request, [user, folder]) => create(context, request, user!, folder!),
    },
    ...one('GET', '', ACCESS.mailList, (request, open) => get(context, request, open)),
    ...one('GET', '/$value', ACCESS.mailContent, (_, open) => mime(context, open)),
    ...one('PATCH', '', ACCESS.mailWrite, (request, open) => patch(context, request, open)),
    ...one('DELETE', '', ACCESS.mailWrite, (_, open) => remove(context, open)),
    ...one('POST', '/permanentDelete', ACCESS.mailWrite, (_, open) => purge(context, open)),
    ...one('POST', '/move', ACCESS.mailWrite, (request, open) => move(context, request, open)),
    ...one('POST', '/copy', ACCESS.mailWrite, (request, open) => copy(context, request, open)),
    ...one('POST', '/send', ACCESS.mailSend, (_, open) => send(context, open)),
    ...one('POST', '/reply', ACCESS.mailSend, (_, open) => send(context, open)),
    ...one('POST', '/replyAll', ACCESS.mailSend, (_, open) => send(context, open)),
    ...one('POST', '/forward', ACCESS.mailSend, (_, open) => send(context, open)),
    {
      method: 'POST',
      path: '/users/{user}/sendMail',
      access: ACCESS.mailSend,
      handle: () => {
        context.tenant.apply({ do: 'sent', what: 'mails' });
        return { status: 202 };
      },
    },
  ];
}

function list(context: GraphContext, request: GraphRequest, open: OpenMailbox, folder: FolderRecord | null): Reply {
  const { user, mailbox } = open;
  const users: [string, string] = ['users', user.id];
  const path =
    folder === null
      ? keyPath(users, 'messages')
      : keyPath(users, ['mailFolders', folderId(context, mailbox, folder.key)], 'messages');
  const listing = openListing(context, request, path);
  const { query } = listing;
  if (query.get('search') !== undefined) throw badRequest('$search is not supported here.', 'ErrorInvalidUrlQuery');
  const shape = messageShape(query.list('select'), readExpansion(query, 'message', EXPANDABLE), request.app.roles);
  const keys = ordered(mailbox, folder, query.get('orderby'), matching(mailbox, folder, query.get('filter')));
  const page = { path, odataContext: `users('${user.id}')/messages`, listing, sizes: OUTLOOK_PAGES };
  const body = listPage(context, request, page, keys, (key) =>
    messageJson({ context, request, mailbox, key, state: mailbox.message(key)! }, shape),
  );
  return ok(body, preferenceApplied(request));
}

/** Keys of the messages that a listing has; null: all of the folder. */
function matching(mailbox: Mailbox, folder: FolderRecord | null, text: string | undefined): number[] | null {
  const filter = text === undefined ? null : readMessageFilter(text, mailbox);
  if (filter === null && folder !== null) return null;
  const candidates = filter?.candidates() ?? folder?.messages ?? mailbox.messages.keys();
  return [...candidates].filter((key) => {
    const state = mailbox.message(key);
    if (state === null || !(filter?.matches(state) ?? true)) return false;
    // What users have deleted for good is only seen by asking for its folder.
    return folder === null ? !isRecoverable(mailbox, state.folder) : state.folder === folder.key;
  });
}

/** Newest first unless asked otherwise. */
function ordered(
  mailbox: Mailbox,
  folder: FolderRecord | null,
  orderBy: string | undefined,
  keys: number[] | null,
): readonly number[] {
  const [name, direction = 'asc'] = (orderBy ?? 'receivedDateTime desc').trim().split(/\s+/);
  const read = ORDERS[name!];
  if (read === undefined) throw badRequest(`Ordering by '${orderBy}' is not supported.`, 'ErrorInvalidUrlQuery');
  if (keys === null && folder !== null && name === 'receivedDateTime') {
    return direction === 'desc' ? mailbox.byDate(folder) : mailbox.byDate(folder).toReversed();
  }
  const sign = direction === 'desc' ? -1 : 1;
  return (keys ?? [...folder!.messages]).sort((a, b) => {
    const [x, y] = [read(mailbox, a), read(mailbox, b)];
    return x === y ? sign * (a - b) : x < y ? -sign : sign;
  });
}

const ORDERS: Readonly<Record<string, (mailbox: Mailbox, key: number) => string>> = {
  receivedDateTime: (mailbox, key) => mailbox.message(key)!.receivedAt ?? '',
  sentDateTime: (mailbox, key) => mailbox.message(key)!.content.sentAt ?? '',
  createdDateTime: (mailbox, key) => mailbox.message(key)!.createdAt,
  lastModifiedDateTime: (mailbox, key) => mailbox.message(key)!.modifiedAt,
  subject: (mailbox, key) => (mailbox.message(key)!.content.subject ?? '').toLowerCase(),
};

function get(context: GraphContext, request: GraphRequest, open: OpenMessage): Reply {
  const shape = messageShape(
    request.query.list('select'),
    readExpansion(request.query, 'message', EXPANDABLE),
    request.app.roles,
  );
  return ok(entity(context, request, open, shape), preferenceApplied(request));
}

function mime(context: GraphContext, { message }: OpenMessage): Reply {
  const rendered = renderMime(message.state.content, context.tenant.content, context.now());
  return { status: 200, stream: rendered, contentType: 'text/plain' };
}

async function create(
  context: GraphContext,
  request: GraphRequest,
  userName: string,
  folderName: string,
): Promise<Reply> {
  const mime = String(request.headers['content-type'] ?? '')
    .toLowerCase()
    .startsWith('text/plain');
  const posted = mime ? await request.body() : await jsonBody(request);
  const open = openMailboxForWriting(context, userName);
  const { folder } = openFolder(context, open, folderName);
  const now = isoSeconds(context.now().getTime());
  const state = Buffer.isBuffer(posted)
    ? messageFromMime(context, folder.key, posted, now)
    : messageFromJson(context, folder.key, posted, now);
  const key = createMessage(context.tenant, open.mailbox, state);
  const message = open.mailbox.messages.get(key) as OpenMessage['message'];
  return created(entity(context, request, { ...open, message }));
}

async function patch(context: GraphContext, request: GraphRequest, open: OpenMessage): Promise<Reply> {
  const set = messagePatch(context, open.message.state, await jsonBody(request));
  changeMessage(context.tenant, open.mailbox, open.message.key, set, isoSeconds(context.now().getTime()));
  return ok(entity(context, request, open));
}

/** To Deleted Items; from there to the recoverable items; from there for good. */
function remove(context: GraphContext, { mailbox, message }: OpenMessage): Reply {
  const bin = mailbox.wellKnown('deleteditems')!;
  const recoverable = mailbox.wellKnown('recoverableitemsdeletions')!;
  const { folder } = message.state;
  const now = isoSeconds(context.now().getTime());
  if (isRecoverable(mailbox, folder)) removeMessage(context.tenant, mailbox, message.key);
  else moveMessage(context.tenant, mailbox, message.key, folder === bin ? recoverable : bin, now);
  return noContent;
}

/** To the purges of the recoverable items, where users do not see it; from there for good. */
function purge(context: GraphContext, { mailbox, message }: OpenMessage): Reply {
  const purges = mailbox.wellKnown('recoverableitemspurges')!;
  const now = isoSeconds(context.now().getTime());
  if (message.state.folder === purges) removeMessage(context.tenant, mailbox, message.key);
  else moveMessage(context.tenant, mailbox, message.key, purges, now);
  return noContent;
}

async function move(context: GraphContext, request: GraphRequest, open: OpenMessage): Promise<Reply> {
  const { folder } = openFolder(context, open, textField(await jsonBody(request), 'destinationId'));
  moveMessage(context.tenant, open.mailbox, open.message.key, folder.key, isoSeconds(context.now().getTime()));
  return created(entity(context, request, open));
}

async function copy(context: GraphContext, request: GraphRequest, open: OpenMessage): Promise<Reply> {
  const { folder } = openFolder(context, open, textField(await jsonBody(request), 'destinationId'));
  const key = copyMessage(
    context.tenant,
    open.mailbox,
    open.message.key,
    folder.key,
    isoSeconds(context.now().getTime()),
  );
  const message = open.mailbox.messages.get(key) as OpenMessage['message'];
  return created(entity(context, request, { ...open, message }));
}

function send(context: GraphContext, { mailbox, message }: OpenMessage): Reply {
  context.tenant.apply({ do: 'sent', what: 'mails' });
  if (message.state.isDraft) {
    const set = { isDraft: false, folder: mailbox.wellKnown('sentitems')!, moves: message.state.moves + 1 };
    changeMessage(context.tenant, mailbox, message.key, set, isoSeconds(context.now().getTime()));
  }
  return { status: 202 };
}

function entity(
  context: GraphContext,
  request: GraphRequest,
  { user, mailbox, message }: OpenMessage,
  shape = messageShape(null, NO_EXPANSION, request.app.roles),
): Record<string, unknown> {
  return {
    '@odata.context': context.links.context(`users('${user.id}')/messages/$entity`),
    ...messageJson({ context, request, mailbox, key: message.key, state: message.state }, shape),
  };
}
