import { ACCESS } from '../../graph/access.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import { badRequest, itemNotFound } from '../../http/graph-error.ts';
import { noContent, ok } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import { isoSeconds } from '../../mail/generate/message.ts';
import { Content } from '../../tenant/content.ts';
import type { Photo } from '../state/contact.ts';
import { changeContact } from '../state/operations.ts';
import { CONTACT_PATHS } from './item-routes.ts';
import { openBook, openContact, type OpenContact } from './open-contact.ts';

/** The photo of a contact: what it is like, its bytes, put, remove. */
export function photoRoutes(context: GraphContext): Route[] {
  const { tenant } = context;
  const open = (parameters: string[], write = false): OpenContact =>
    openContact(context, openBook(context, parameters[0]!, write), parameters.at(-1)!);
  const set = ({ book, key }: OpenContact, photo: Photo | null): void => {
    changeContact(tenant, book, key, { photo }, isoSeconds(context.now().getTime()));
  };
  return CONTACT_PATHS.flatMap((path): Route[] => [
    {
      method: 'GET',
      path: `${path}/photo`,
      access: ACCESS.contacts,
      handle: (_, parameters) => {
        const found = open(parameters);
        const { contentType } = photoOf(found);
        return ok({
          '@odata.context': context.links.context(`users('${found.user.id}')/contacts('…')/photo/$entity`),
          '@odata.mediaContentType': contentType,
          id: '240X240',
          width: 240,
          height: 240,
        });
      },
    },
    {
      method: 'GET',
      path: `${path}/photo/$value`,
      access: ACCESS.contacts,
      handle: (_, parameters) => {
        const { bytes, contentType } = photoOf(open(parameters));
        const stream = { length: Content.size(bytes), pieces: () => tenant.content.pieces(bytes) };
        return { status: 200, stream, contentType };
      },
    },
    {
      method: 'PUT',
      path: `${path}/photo/$value`,
      access: ACCESS.contactsWrite,
      handle: async (request, parameters) => {
        const contentType = String(request.headers['content-type'] ?? '').toLowerCase();
        if (!contentType.startsWith('image/'))
          throw badRequest('A photo needs Content-Type image/….', 'ErrorInvalidRequest');
        const bytes = await request.body();
        if (bytes.length === 0) throw badRequest('The photo is empty.', 'ErrorInvalidRequest');
        set(open(parameters, true), { bytes: tenant.content.keepBytes(bytes), contentType });
        return { status: 200 };
      },
    },
    {
      method: 'DELETE',
      path: `${path}/photo/$value`,
      access: ACCESS.contactsWrite,
      handle: (_, parameters) => {
        const found = open(parameters, true);
        photoOf(found);
        set(found, null);
        return noContent;
      },
    },
  ]);
}

/** @throws GraphError when there is none */
function photoOf({ contact }: OpenContact): Photo {
  if (contact.photo === null) throw itemNotFound();
  return contact.photo;
}
