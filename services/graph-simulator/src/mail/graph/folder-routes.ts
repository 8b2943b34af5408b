import { badRequest, GraphError, itemNotFound } from '../../http/graph-error.ts';
import type { GraphRequest } from '../../http/graph-request.ts';
import { created, noContent, ok, type Reply } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import { ROOT, type Mailbox } from '../state/mailbox.ts';
import type { FolderState } from '../state/message.ts';
import { changeFolder, createFolder, isWithin, removeFolder } from '../state/operations.ts';
import { ACCESS } from '../../graph/access.ts';
import {
  keyPath,
  openMailbox,
  openMailboxForWriting,
  preferenceApplied,
  type GraphContext,
  type OpenMailbox,
} from '../../graph/graph-context.ts';
import { folderId, openFolder, type OpenFolder } from './open-mail.ts';
import { jsonBody, textField } from '../../graph/json-body.ts';
import { listPage, openListing, OUTLOOK_PAGES, selected } from '../../graph/paging.ts';

const PROPERTIES = [
  'id',
  'displayname',
  'parentfolderid',
  'childfoldercount',
  'unreaditemcount',
  'totalitemcount',
  'ishidden',
];

/** Folders of a mailbox: listings, one by id or well-known name, and what can be done to them. */
export function folderRoutes(context: GraphContext): Route[] {
  const mailbox = '/users/{user}/mailFolders';
  return [
    {
      method: 'GET',
      path: mailbox,
      access: ACCESS.mailList,
      handle: (request, [user]) => list(context, request, user!, null),
    },
    {
      method: 'POST',
      path: mailbox,
      access: ACCESS.mailWrite,
      handle: (request, [user]) => create(context, request, user!, null),
    },
    {
      method: 'GET',
      path: `${mailbox}/{folder}`,
      access: ACCESS.mailList,
      handle: (request, [user, folder]) =>
        get(context, request, openFolder(context, openMailbox(context, user!), folder!)),
    },
    {
      method: 'PATCH',
      path: `${mailbox}/{folder}`,
      access: ACCESS.mailWrite,
      handle: (request, [user, folder]) => rename(context, request, writable(context, user!, folder!)),
    },
    {
      method: 'DELETE',
      path: `${mailbox}/{folder}`,
      access: ACCESS.mailWrite,
      handle: (_, [user, folder]) => remove(context, writable(context, user!, folder!)),
    },
    {
      method: 'GET',
      path: `${mailbox}/{folder}/childFolders`,
      access: ACCESS.mailList,
      handle: (request, [user, folder]) => list(context, request, user!, folder!),
    },
    {
      method: 'POST',
      path: `${mailbox}/{folder}/childFolders`,
      access: ACCESS.mailWrite,
      handle: (request, [user, folder]) => create(context, request, user!, folder!),
    },
    {
      method: 'POST',
      path: `${mailbox}/{folder}/move`,
      access: ACCESS.mailWrite,
      handle: (request, [user, folder]) => move(context, request, writable(context, user!, folder!)),
    },
    {
      method: 'POST',
      path: `${mailbox}/{folder}/permanentDelete`,
      access: ACCESS.mailWrite,
      handle: (_, [user, folder]) => {
        const open = changeable(writable(context, user!, folder!));
        removeFolder(context.tenant, open.mailbox, open.folder.key);
        return noContent;
      },
    },
  ];
}

/** A folder as JSON, with every property. */
export function folderJson(context: GraphContext, mailbox: Mailbox, key: number): Record<string, unknown> {
  const { state, messages, unread } = mailbox.folders.get(key)!;
  return {
    ...(state!.search && { '@odata.type': '#microsoft.graph.mailSearchFolder' }),
    id: folderId(context, mailbox, key),
    displayName: state!.name,
    parentFolderId: folderId(context, mailbox, state!.parent),
    childFolderCount: mailbox.children(key).length,
    unreadItemCount: unread,
    totalItemCount: messages.length,
    isHidden: state!.hidden,
    ...(state!.search && {
      isSupported: true,
      includeNestedFolders: true,
      sourceFolderIds: [folderId(context, mailbox, mailbox.wellKnown('inbox') ?? ROOT)],
      filterQuery: 'isRead eq false',
    }),
  };
}

/** @throws GraphError for a property that folders do not have */
export function checkFolderSelection(select: readonly string[] | null): void {
  const unknown = select?.find((name) => !PROPERTIES.includes(name.toLowerCase()));
  if (unknown !== undefined) {
    throw badRequest(`Could not find a property named '${unknown}' on type 'microsoft.graph.mailFolder'.`);
  }
}

function list(context: GraphContext, request: GraphRequest, userName: string, parentName: string | null): Reply {
  const open = openMailbox(context, userName);
  const { mailbox, user } = open;
  const parent = parentName === null ? ROOT : openFolder(context, open, parentName).folder.key;
  const below =
    parentName === null ? 'mailFolders' : keyPath(['mailFolders', folderId(context, mailbox, parent)], 'childFolders');
  const path = keyPath(['users', user.id], below);
  const listing = openListing(context, request, path);
  const select = listing.query.list('select');
  checkFolderSelection(select);
  const hidden = listing.query.flag('includeHiddenFolders');
  const name = readNameFilter(listing.query.get('filter'));
  const keys = mailbox.children(parent).filter((key) => {
    const state = mailbox.folder(key)!;
    return (hidden || !state.hidden) && (name === null || state.name.toLowerCase() === name);
  });
  const page = { path, odataContext: `users('${user.id}')/mailFolders`, listing, sizes: OUTLOOK_PAGES };
  const body = listPage(context, request, page, keys, (key) => selected(folderJson(context, mailbox, key), select));
  return ok(body, preferenceApplied(request));
}

/** Only `displayName eq '…'` can be asked for. */
function readNameFilter(filter: string | undefined): string | null {
  if (filter === undefined) return null;
  const name = /^\s*displayName\s+eq\s+'((?:[^']|'')*)'\s*$/i.exec(filter)?.[1];
  if (name === undefined)
    throw badRequest(`The query filter '${filter}' is not supported.`, 'ErrorInvalidUrlQueryFilter');
  return name.replaceAll("''", "'").toLowerCase();
}

function get(context: GraphContext, request: GraphRequest, { mailbox, folder, user }: OpenFolder): Reply {
  const select = request.query.list('select');
  checkFolderSelection(select);
  return ok(entity(context, user.id, selected(folderJson(context, mailbox, folder.key), select)));
}

async function create(
  context: GraphContext,
  request: GraphRequest,
  userName: string,
  parentName: string | null,
): Promise<Reply> {
  const body = await jsonBody(request);
  const open = openMailboxForWriting(context, userName);
  const parent = parentName === null ? ROOT : openFolder(context, open, parentName).folder.key;
  const name = textField(body, 'displayName').trim();
  if (name === '') throw badRequest('The folder needs a displayName.', 'ErrorInvalidRequest');
  if (name.length > 250) throw badRequest('The folder name is too long.', 'ErrorInvalidRequest');
  refuseSameName(open.mailbox, parent, name);
  const state: FolderState = { name, parent, hidden: body['isHidden'] === true, wellKnownName: null, search: false };
  const key = createFolder(context.tenant, open.mailbox, state);
  return created(entity(context, open.user.id, folderJson(context, open.mailbox, key)));
}

async function rename(context: GraphContext, request: GraphRequest, open: OpenFolder): Promise<Reply> {
  const name = textField(await jsonBody(request), 'displayName').trim();
  if (name === '') throw badRequest('The folder needs a displayName.', 'ErrorInvalidRequest');
  const { mailbox, folder } = changeable(open);
  refuseSameName(mailbox, folder.state.parent, name, folder.key);
  changeFolder(context.tenant, mailbox, folder.key, { name });
  return ok(entity(context, open.user.id, folderJson(context, mailbox, folder.key)));
}

async function move(context: GraphContext, request: GraphRequest, open: OpenFolder): Promise<Reply> {
  const destination = textField(await jsonBody(request), 'destinationId');
  const { mailbox, folder } = changeable(open);
  moveTo(context, open, openFolder(context, open, destination).folder.key);
  return created(entity(context, open.user.id, folderJson(context, mailbox, folder.key)));
}

/** Goes to Deleted Items with its content; from there it goes for good. */
function remove(context: GraphContext, open: OpenFolder): Reply {
  const { mailbox, folder } = changeable(open);
  const bin = mailbox.wellKnown('deleteditems')!;
  if (isWithin(mailbox, folder.key, bin)) removeFolder(context.tenant, mailbox, folder.key);
  else moveTo(context, open, bin, true);
  return noContent;
}

function moveTo(context: GraphContext, { mailbox, folder }: OpenFolder, parent: number, anyName = false): void {
  if (isWithin(mailbox, parent, folder.key))
    throw badRequest('A folder cannot be moved below itself.', 'ErrorMoveCopyFailed');
  let { name } = folder.state;
  if (!anyName) refuseSameName(mailbox, parent, name, folder.key);
  for (let copy = 1; nameTaken(mailbox, parent, name, folder.key); copy++) name = `${folder.state.name}${copy}`;
  changeFolder(context.tenant, mailbox, folder.key, { parent, name });
}

function writable(context: GraphContext, user: string, folder: string): OpenFolder {
  const open: OpenMailbox = openMailboxForWriting(context, user);
  return openFolder(context, open, folder);
}

/** Well-known folders stay as they are. */
function changeable(open: OpenFolder): OpenFolder {
  if (open.folder.state.wellKnownName === null) return open;
  throw new GraphError(403, 'ErrorDeleteDistinguishedFolder', 'Distinguished folders cannot be changed or deleted.');
}

/** Names are unique below one parent, without regard to case. */
function refuseSameName(mailbox: Mailbox, parent: number, name: string, except?: number): void {
  if (mailbox.folder(parent) === null) throw itemNotFound();
  if (nameTaken(mailbox, parent, name, except)) {
    throw new GraphError(409, 'ErrorFolderExists', 'A folder with the specified name already exists.');
  }
}

function nameTaken(mailbox: Mailbox, parent: number, name: string, except?: number): boolean {
  const wanted = name.toLowerCase();
  return mailbox.children(parent).some((key) => key !== except && mailbox.folder(key)!.name.toLowerCase() === wanted);
}

function entity(context: GraphContext, user: string, json: Record<string, unknown>): Record<string, unknown> {
  return { '@odata.context': context.links.context(`users('${user}')/mailFolders/$entity`), ...json };
}
