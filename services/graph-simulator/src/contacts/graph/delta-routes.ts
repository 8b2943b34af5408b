import { ACCESS } from '../../graph/access.ts';
import { deltaPage, LinkGenerations } from '../../graph/delta.ts';
import { keyPath, preferenceApplied, type GraphContext } from '../../graph/graph-context.ts';
import { selected } from '../../graph/paging.ts';
import { GraphError } from '../../http/graph-error.ts';
import type { GraphRequest } from '../../http/graph-request.ts';
import { ok, type Reply } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import { readExpansion } from '../../outlook/expand.ts';
import { DEFAULT_FOLDER } from '../state/contact-book.ts';
import { contactJson, contactShape } from './contact-json.ts';
import { checkContactFolderSelection, contactFolderJson } from './folder-routes.ts';
import { contactFolderId, contactId, openBook, openContactFolder, type OpenContactFolder } from './open-contact.ts';

const REMOVED = { reason: 'deleted' } as const;

/** Change tracking of the folders, without the default one, and of the contacts of one folder. */
export function contactDeltaRoutes(context: GraphContext): Route[] {
  const generations = new LinkGenerations();
  return [
    {
      method: 'GET',
      path: '/users/{user}/contactFolders/delta',
      access: ACCESS.contacts,
      handle: (request, [user]) => foldersDelta(context, generations, request, user!),
    },
    ...['/users/{user}/contacts/delta', '/users/{user}/contactFolders/{folder}/contacts/delta'].map((path): Route => ({
      method: 'GET',
      path,
      access: ACCESS.contacts,
      handle: (request, [user, folder = 'contacts']) =>
        contactsDelta(context, generations, request, openTracked(context, request, user!, folder)),
    })),
  ];
}

function foldersDelta(
  context: GraphContext,
  generations: LinkGenerations,
  request: GraphRequest,
  userName: string,
): Reply {
  const { user, book } = openBook(context, userName);
  const isThere = (key: number): boolean => book.folder(key) !== null;
  const keys = [...book.folders.keys()].filter((key) => key !== DEFAULT_FOLDER && isThere(key)).sort((a, b) => a - b);
  const path = keyPath(['users', user.id], 'contactFolders', 'delta');
  const page = deltaPage(context, generations, request, {
    path,
    mailbox: book.number,
    keys,
    changes: book.folderChanges.filter(({ key }) => key !== DEFAULT_FOLDER),
  });
  const select = page.query.list('select');
  checkContactFolderSelection(select);
  const value = page.keys
    .filter((key) => isThere(key) || page.tellsRemoved)
    .map((key) =>
      isThere(key)
        ? selected(contactFolderJson(context, book, key), select)
        : { id: contactFolderId(context, book, key), '@removed': REMOVED },
    );
  return ok(
    { '@odata.context': context.links.context('Collection(contactFolder)'), ...page.link, value },
    preferenceApplied(request, true),
  );
}

function openTracked(context: GraphContext, request: GraphRequest, user: string, folder: string): OpenContactFolder {
  const open = openBook(context, user);
  try {
    return openContactFolder(context, open, folder);
  } catch (error) {
    const follows = request.query.get('deltatoken') ?? request.query.get('skiptoken');
    if (follows === undefined || !(error instanceof GraphError) || error.status !== 404) throw error;
    throw new GraphError(404, 'ErrorSyncFolderNotFound', 'The specified folder could not be found in the store.');
  }
}

function contactsDelta(
  context: GraphContext,
  generations: LinkGenerations,
  request: GraphRequest,
  { user, book, folder }: OpenContactFolder,
): Reply {
  const id = contactFolderId(context, book, folder.key);
  const path = keyPath(['users', user.id], ['contactFolders', id], 'contacts', 'delta');
  const tracked = { path, mailbox: book.number, keys: folder.contacts, changes: folder.changes };
  const page = deltaPage(context, generations, request, tracked);
  const shape = contactShape(page.query.list('select'), readExpansion(page.query, 'contact', []));
  const { preferences } = request;
  const value: object[] = [];
  for (const key of page.keys) {
    const state = book.contact(key);
    if (state?.folder === folder.key) {
      value.push(contactJson({ context, preferences, book, key, state }, shape, true));
    } else if (page.tellsRemoved) {
      const last = book.contacts.get(key)!.versions.findLast((version) => version.state?.folder === folder.key);
      value.push({
        '@odata.type': '#microsoft.graph.contact',
        id: contactId(context, book, key, last?.state?.moves ?? 0, preferences),
        '@removed': REMOVED,
      });
    }
  }
  return ok(
    { '@odata.context': context.links.context('Collection(contact)'), ...page.link, value },
    preferenceApplied(request, true),
  );
}
