import { ACCESS } from '../../graph/access.ts';
import { keyPath, preferenceApplied, type GraphContext } from '../../graph/graph-context.ts';
import { jsonBody } from '../../graph/json-body.ts';
import { listPage, openListing, OUTLOOK_PAGES } from '../../graph/paging.ts';
import { badRequest } from '../../http/graph-error.ts';
import type { GraphRequest } from '../../http/graph-request.ts';
import { created, noContent, ok, type Reply } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import { isoSeconds } from '../../mail/generate/message.ts';
import { NO_EXPANSION, readExpansion } from '../../outlook/expand.ts';
import { readProperties } from '../../outlook/extended-properties.ts';
import { readFilter, type Filterable } from '../../outlook/filter.ts';
import { checkIfMatch } from '../../outlook/if-match.ts';
import { changeKeyOf } from '../../outlook/change-key.ts';
import type { ContactFolderRecord } from '../state/contact-book.ts';
import type { ContactState } from '../state/contact.ts';
import { mergedFields, newContactState } from '../state/next-state.ts';
import { changeContact, createContact, removeContact } from '../state/operations.ts';
import { contactJson, contactProperty, contactShape } from './contact-json.ts';
import {
  contactFolderId,
  openBook,
  openContact,
  openContactFolder,
  type OpenBook,
  type OpenContact,
} from './open-contact.ts';
import { contactFields } from './posted-contact.ts';

/** Where contacts are; the contact is named by the last parameter in braces. */
export const CONTACT_PATHS = [
  '/users/{user}/contacts/{contact}',
  '/users/{user}/contactFolders/{folder}/contacts/{contact}',
];

/** Contacts: listings, one, and what can be done to it. Those of the default folder are also right below the user. */
export function contactItemRoutes(context: GraphContext): Route[] {
  const collections = CONTACT_PATHS.flatMap((one): Route[] => {
    const path = one.replace('/{contact}', '');
    return [
      {
        method: 'GET',
        path,
        access: ACCESS.contacts,
        handle: (request, [user, folder = 'contacts']) => {
          const open = openBook(context, user!);
          return list(context, request, open, openContactFolder(context, open, folder).folder);
        },
      },
      {
        method: 'POST',
        path,
        access: ACCESS.contactsWrite,
        handle: (request, [user, folder = 'contacts']) => create(context, request, user!, folder),
      },
    ];
  });
  return [...collections, ...CONTACT_PATHS.flatMap((path) => oneContact(context, path))];
}

function oneContact(context: GraphContext, path: string): Route[] {
  const open = (parameters: string[], write: boolean): OpenContact =>
    openContact(context, openBook(context, parameters[0]!, write), parameters.at(-1)!);
  const remove = (request: GraphRequest, parameters: string[]): Reply => {
    const { book, key, contact } = open(parameters, true);
    checkIfMatch(request, changeKeyOf('contact', book.number, key, contact.revision));
    removeContact(context.tenant, book, key);
    return noContent;
  };
  return [
    {
      method: 'GET',
      path,
      access: ACCESS.contacts,
      handle: (request, parameters) => {
        const found = open(parameters, false);
        const shape = contactShape(request.query.list('select'), readExpansion(request.query, 'contact', []));
        return ok(entity(context, request, found, found.contact, shape), preferenceApplied(request));
      },
    },
    {
      method: 'PATCH',
      path,
      access: ACCESS.contactsWrite,
      handle: async (request, parameters) => {
        const body = await jsonBody(request);
        const found = open(parameters, true);
        const { book, key, contact } = found;
        checkIfMatch(request, changeKeyOf('contact', book.number, key, contact.revision));
        const properties = readProperties(body['singleValueExtendedProperties']);
        const set = {
          fields: mergedFields(contact.fields, contactFields(body)),
          properties: { ...contact.properties, ...properties },
        };
        const now = isoSeconds(context.now().getTime());
        return ok(entity(context, request, found, changeContact(context.tenant, book, key, set, now)));
      },
    },
    { method: 'DELETE', path, access: ACCESS.contactsWrite, handle: remove },
    { method: 'POST', path: `${path}/permanentDelete`, access: ACCESS.contactsWrite, handle: remove },
  ];
}

function list(context: GraphContext, request: GraphRequest, open: OpenBook, folder: ContactFolderRecord): Reply {
  const { user, book } = open;
  const path = keyPath(['users', user.id], ['contactFolders', contactFolderId(context, book, folder.key)], 'contacts');
  const listing = openListing(context, request, path);
  const { query } = listing;
  const shape = contactShape(query.list('select'), readExpansion(query, 'contact', []));
  const text = query.get('filter');
  const filter =
    text === undefined
      ? null
      : readFilter(text, {
          ...FIELDS,
          indexed: (id, value) => (id === 'String 0x1a' ? null : book.withProperty(id, value)),
        });
  const keys = [...(filter?.candidates() ?? folder.contacts)].filter((key) => {
    const state = book.contact(key);
    return state?.folder === folder.key && (filter?.matches(state) ?? true);
  });
  const page = { path, odataContext: `users('${user.id}')/contacts`, listing, sizes: OUTLOOK_PAGES };
  const render = (key: number): object =>
    contactJson({ context, preferences: request.preferences, book, key, state: book.contact(key)! }, shape);
  const body = listPage(
    context,
    request,
    page,
    ordered(keys, query.get('orderby'), (key) => book.contact(key)!),
    render,
  );
  return ok(body, preferenceApplied(request));
}

const FIELDS: Omit<Filterable<ContactState>, 'indexed'> = {
  exact: {},
  compared: {
    displayName: ({ fields }) => fields.texts.displayName?.toLowerCase() ?? null,
    givenName: ({ fields }) => fields.texts.givenName?.toLowerCase() ?? null,
    surname: ({ fields }) => fields.texts.surname?.toLowerCase() ?? null,
    createdDateTime: (state) => state.createdAt,
    lastModifiedDateTime: (state) => state.modifiedAt,
  },
  searched: {
    displayName: ({ fields }) => fields.texts.displayName ?? '',
    givenName: ({ fields }) => fields.texts.givenName ?? '',
    surname: ({ fields }) => fields.texts.surname ?? '',
  },
  property: contactProperty,
};

/** By key, which is the order of making, unless asked otherwise. */
function ordered(keys: number[], orderBy: string | undefined, contact: (key: number) => ContactState): number[] {
  if (orderBy === undefined) return keys.sort((a, b) => a - b);
  const [name, direction = 'asc'] = orderBy.trim().split(/\s+/);
  const read = FIELDS.compared[name!];
  if (read === undefined) throw badRequest(`Ordering by '${orderBy}' is not supported.`, 'ErrorInvalidUrlQuery');
  const sign = direction.toLowerCase() === 'desc' ? -1 : 1;
  return keys.sort((a, b) => {
    const [x, y] = [read(contact(a)) ?? '', read(contact(b)) ?? ''];
    return x === y ? sign * (a - b) : x < y ? -sign : sign;
  });
}

async function create(context: GraphContext, request: GraphRequest, user: string, folderName: string): Promise<Reply> {
  const body = await jsonBody(request);
  const open = openBook(context, user, true);
  const { folder } = openContactFolder(context, open, folderName);
  const state = {
    ...newContactState(folder.key, contactFields(body), isoSeconds(context.now().getTime())),
    properties: readProperties(body['singleValueExtendedProperties']),
  };
  const key = createContact(context.tenant, open.book, state);
  return created(entity(context, request, { ...open, key }, state));
}

function entity(
  context: GraphContext,
  request: GraphRequest,
  { user, book, key }: OpenBook & { key: number },
  state: ContactState,
  shape = contactShape(null, NO_EXPANSION),
): object {
  return {
    '@odata.context': context.links.context(`users('${user.id}')/contacts/$entity`),
    ...contactJson({ context, preferences: request.preferences, book, key, state }, shape),
  };
}
