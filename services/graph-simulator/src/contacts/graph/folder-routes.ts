import { ACCESS } from '../../graph/access.ts';
import { keyPath, preferenceApplied, type GraphContext } from '../../graph/graph-context.ts';
import { jsonBody, textField } from '../../graph/json-body.ts';
import { listPage, openListing, OUTLOOK_PAGES, selected } from '../../graph/paging.ts';
import { badRequest, GraphError } from '../../http/graph-error.ts';
import type { GraphRequest } from '../../http/graph-request.ts';
import { created, noContent, ok, type Reply } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import { DEFAULT_FOLDER, type ContactBook } from '../state/contact-book.ts';
import { changeContactFolder, createContactFolder, removeContactFolder } from '../state/operations.ts';
import { contactFolderId, openBook, openContactFolder, type OpenContactFolder } from './open-contact.ts';

const PROPERTIES = ['id', 'displayname', 'parentfolderid'];

/** Contact folders: listings, one by id, and what can be done to them. The default folder is not in the listing. */
export function contactFolderRoutes(context: GraphContext): Route[] {
  const folders = '/users/{user}/contactFolders';
  const writable = (user: string, folder: string): OpenContactFolder =>
    changeable(openContactFolder(context, openBook(context, user, true), folder));
  const remove = (_: GraphRequest, [user, folder]: string[]): Reply => {
    const open = writable(user!, folder!);
    removeContactFolder(context.tenant, open.book, open.folder.key);
    return noContent;
  };
  return [
    {
      method: 'GET',
      path: folders,
      access: ACCESS.contacts,
      handle: (request, [user]) => list(context, request, user!, null),
    },
    {
      method: 'POST',
      path: folders,
      access: ACCESS.contactsWrite,
      handle: (request, [user]) => create(context, request, user!, null),
    },
    {
      method: 'GET',
      path: `${folders}/{folder}`,
      access: ACCESS.contacts,
      handle: (request, [user, folder]) =>
        get(context, request, openContactFolder(context, openBook(context, user!), folder!)),
    },
    {
      method: 'PATCH',
      path: `${folders}/{folder}`,
      access: ACCESS.contactsWrite,
      handle: async (request, [user, folder]) => {
        const name = folderName(await jsonBody(request));
        const open = writable(user!, folder!);
        refuseSameName(open.book, open.folder.state.parent, name, open.folder.key);
        changeContactFolder(context.tenant, open.book, open.folder.key, { name });
        return ok(entity(context, open.user.id, contactFolderJson(context, open.book, open.folder.key)));
      },
    },
    { method: 'DELETE', path: `${folders}/{folder}`, access: ACCESS.contactsWrite, handle: remove },
    { method: 'POST', path: `${folders}/{folder}/permanentDelete`, access: ACCESS.contactsWrite, handle: remove },
    {
      method: 'GET',
      path: `${folders}/{folder}/childFolders`,
      access: ACCESS.contacts,
      handle: (request, [user, folder]) => list(context, request, user!, folder!),
    },
    {
      method: 'POST',
      path: `${folders}/{folder}/childFolders`,
      access: ACCESS.contactsWrite,
      handle: (request, [user, folder]) => create(context, request, user!, folder!),
    },
  ];
}

/** A folder as JSON, with every property. */
export function contactFolderJson(context: GraphContext, book: ContactBook, key: number): Record<string, unknown> {
  const { name, parent } = book.folder(key)!;
  return {
    id: contactFolderId(context, book, key),
    displayName: name,
    parentFolderId: contactFolderId(context, book, parent),
  };
}

/** @throws GraphError for a property that contact folders do not have */
export function checkContactFolderSelection(select: readonly string[] | null): void {
  const unknown = select?.find((name) => !PROPERTIES.includes(name.toLowerCase()));
  if (unknown !== undefined) {
    throw badRequest(`Could not find a property named '${unknown}' on type 'microsoft.graph.contactFolder'.`);
  }
}

function list(context: GraphContext, request: GraphRequest, user: string, parentName: string | null): Reply {
  const open = openBook(context, user);
  const parent = parentName === null ? null : openContactFolder(context, open, parentName).folder.key;
  const below =
    parent === null
      ? 'contactFolders'
      : keyPath(['contactFolders', contactFolderId(context, open.book, parent)], 'childFolders');
  const path = keyPath(['users', open.user.id], below);
  const listing = openListing(context, request, path);
  const select = listing.query.list('select');
  checkContactFolderSelection(select);
  const keys = open.book.children(parent).filter((key) => key !== DEFAULT_FOLDER);
  const page = { path, odataContext: `users('${open.user.id}')/contactFolders`, listing, sizes: OUTLOOK_PAGES };
  const render = (key: number): object => selected(contactFolderJson(context, open.book, key), select);
  return ok(listPage(context, request, page, keys, render), preferenceApplied(request));
}

function get(context: GraphContext, request: GraphRequest, { book, folder, user }: OpenContactFolder): Reply {
  const select = request.query.list('select');
  checkContactFolderSelection(select);
  return ok(entity(context, user.id, selected(contactFolderJson(context, book, folder.key), select)));
}

async function create(
  context: GraphContext,
  request: GraphRequest,
  user: string,
  parentName: string | null,
): Promise<Reply> {
  const name = folderName(await jsonBody(request));
  const open = openBook(context, user, true);
  const parent = parentName === null ? null : openContactFolder(context, open, parentName).folder.key;
  refuseSameName(open.book, parent, name);
  const key = createContactFolder(context.tenant, open.book, { name, parent });
  return created(entity(context, open.user.id, contactFolderJson(context, open.book, key)));
}

function folderName(body: Record<string, unknown>): string {
  const name = textField(body, 'displayName').trim();
  if (name === '') throw badRequest('The folder needs a displayName.', 'ErrorInvalidRequest');
  if (name.length > 250) throw badRequest('The folder name is too long.', 'ErrorInvalidRequest');
  return name;
}

function changeable(open: OpenContactFolder): OpenContactFolder {
  if (open.folder.key !== DEFAULT_FOLDER) return open;
  throw new GraphError(403, 'ErrorDeleteDistinguishedFolder', 'Distinguished folders cannot be changed or deleted.');
}

/** Names are unique below one parent, without regard to case. */
function refuseSameName(book: ContactBook, parent: number | null, name: string, except?: number): void {
  const taken = book
    .children(parent)
    .some((key) => key !== except && book.folder(key)!.name.toLowerCase() === name.toLowerCase());
  if (taken) throw new GraphError(409, 'ErrorFolderExists', 'A folder with the specified name already exists.');
}

function entity(context: GraphContext, user: string, json: object): object {
  return { '@odata.context': context.links.context(`users('${user}')/contactFolders/$entity`), ...json };
}
