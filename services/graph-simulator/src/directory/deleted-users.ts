import { ACCESS } from '../graph/access.ts';
import type { GraphContext } from '../graph/graph-context.ts';
import { DIRECTORY_PAGES, listPage, openListing, selected } from '../graph/paging.ts';
import { GraphError } from '../http/graph-error.ts';
import type { GraphRequest } from '../http/graph-request.ts';
import { ok, type Reply } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import type { UserRecord } from '../tenant/user.ts';
import { userJson } from './user-json.ts';

/** Users that were deleted: for thirty days they can be restored, with all that they had. */
export function deletedUserRoutes(context: GraphContext): Route[] {
  return [
    {
      method: 'GET',
      path: '/directory/deletedItems/microsoft.graph.user',
      access: ACCESS.users,
      handle: (request) => list(context, request),
    },
    {
      method: 'GET',
      path: '/directory/deletedItems/{object}',
      access: ACCESS.users,
      handle: (request, [id]) => {
        const json = selected(deletedJson(deletedUser(context, id!)), request.query.list('select'));
        const typed = { '@odata.type': '#microsoft.graph.user', ...json };
        return ok({ '@odata.context': context.links.context('directoryObjects/$entity'), ...typed });
      },
    },
    {
      method: 'POST',
      path: '/directory/deletedItems/{object}/restore',
      access: ACCESS.usersRestore,
      handle: (_, [id]) => {
        const user = { ...deletedUser(context, id!), deletedAt: null };
        context.tenant.apply({ do: 'user', user });
        return ok({ '@odata.context': context.links.context('directoryObjects/$entity'), ...userJson(user, false) });
      },
    },
  ];
}

function list(context: GraphContext, request: GraphRequest): Reply {
  const path = 'directory/deletedItems/microsoft.graph.user';
  const listing = openListing(context, request, path);
  const users = [...context.tenant.users.values()].filter(({ deletedAt }) => deletedAt !== null);
  const page = { path, odataContext: 'users', listing, sizes: DIRECTORY_PAGES };
  const select = listing.query.list('select');
  return ok(listPage(context, request, page, users, (user) => selected(deletedJson(user), select)));
}

function deletedJson(user: UserRecord): Record<string, unknown> {
  return { ...userJson(user, false), deletedDateTime: user.deletedAt };
}

/** @throws GraphError when none with this id is among the deleted */
function deletedUser({ tenant }: GraphContext, id: string): UserRecord {
  const user = tenant.users.get(id.toLowerCase());
  if (user !== undefined && user.deletedAt !== null) return user;
  throw new GraphError(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );
}
