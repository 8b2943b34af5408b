import { badRequest, GraphError } from '../http/graph-error.ts';
import type { GraphRequest } from '../http/graph-request.ts';
import { ok, type Reply } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import { deletedUserRoutes } from './deleted-users.ts';
import { DOMAIN, generateGuid } from './people.ts';
import { generateGroups, generateSites, type GroupRecord } from './groups.ts';
import type { UserRecord } from '../tenant/user.ts';
import { ACCESS } from '../graph/access.ts';
import { openMailbox, type GraphContext } from '../graph/graph-context.ts';
import { seededRandom } from '../generate/random.ts';
import { userJson } from './user-json.ts';
import { readUserFilter } from './user-filter.ts';
import { DIRECTORY_PAGES, listPage, openListing, selected } from '../graph/paging.ts';

/** Organization, users, groups and sites: what an inventory reads. */
export function directoryRoutes(context: GraphContext): Route[] {
  const groups = generateGroups(context.tenant.shape.seed, [...context.tenant.users.values()]);
  const sites = generateSites(context.tenant.shape.seed, groups);
  return [
    {
      method: 'GET',
      path: '/organization',
      access: ACCESS.organization,
      handle: (request) => organization(context, request),
    },
    { method: 'GET', path: '/users', access: ACCESS.users, handle: (request) => listUsers(context, request) },
    { method: 'GET', path: '/users/$count', access: ACCESS.users, handle: (request) => countUsers(context, request) },
    {
      method: 'GET',
      path: '/users/{user}',
      access: ACCESS.users,
      handle: (request, [user]) => getUser(context, request, user!),
    },
    {
      method: 'GET',
      path: '/users/{user}/mailboxSettings',
      access: ACCESS.mailboxSettings,
      handle: (request, [user]) => mailboxSettings(context, request, user!),
    },
    {
      method: 'GET',
      path: '/users/{user}/settings/exchange',
      access: ACCESS.userSettings,
      handle: (_, [user]) => exchangeSettings(context, user!),
    },
    ...deletedUserRoutes(context),
    {
      method: 'GET',
      path: '/groups',
      access: ACCESS.groups,
      handle: (request) => listGroups(context, request, groups),
    },
    {
      method: 'GET',
      path: '/groups/{group}',
      access: ACCESS.groups,
      handle: (request, [id]) => {
        const group = groups.find((candidate) => candidate.id === id);
        if (group === undefined) throw notFound(id!);
        return ok(entity(context, 'groups', selected({ ...group }, request.query.list('select'))));
      },
    },
    {
      method: 'GET',
      path: '/sites',
      access: ACCESS.sites,
      handle: (request) => {
        if (request.query.get('search') === undefined)
          throw badRequest('Listing sites needs ?search=.', 'invalidRequest');
        return listSites(
          context,
          request,
          sites.filter((site) => site['isPersonalSite'] !== true),
          'sites',
        );
      },
    },
    {
      method: 'GET',
      path: '/sites/getAllSites',
      access: ACCESS.sites,
      handle: (request) => listSites(context, request, sites, 'sites/getAllSites'),
    },
  ];
}

function organization(context: GraphContext, request: GraphRequest): Reply {
  const { tenant } = context;
  const json = {
    id: tenant.id,
    displayName: 'Meridian Instruments',
    tenantType: 'AAD',
    countryLetterCode: 'CH',
    createdDateTime: '2019-03-04T05:06:07Z',
    verifiedDomains: [
      {
        capabilities: 'Email, OfficeCommunicationsOnline',
        isDefault: true,
        isInitial: true,
        name: DOMAIN,
        type: 'Managed',
      },
    ],
  };
  const value = [selected(json, request.query.list('select'))];
  return ok({ '@odata.context': context.links.context('organization'), value }, directoryHeaders(1));
}

function listUsers(context: GraphContext, request: GraphRequest): Reply {
  const listing = openListing(context, request, 'users');
  const { query } = listing;
  const filter = readUserFilter(query.get('filter'));
  const counted = query.flag('count');
  const eventual = String(request.headers['consistencylevel'] ?? '').toLowerCase() === 'eventual';
  if (filter.advanced && !(eventual && counted)) {
    throw badRequest(
      "Operator 'Not' is not supported because the required parameters might be missing. Try adding $count=true query parameter and ConsistencyLevel:eventual header.",
      'Request_UnsupportedQuery',
    );
  }
  if (query.get('search') !== undefined && !eventual) {
    throw badRequest(
      'Request with $search query parameter only works through MSGraph with a special request header: ConsistencyLevel: eventual.',
      'Request_UnsupportedQuery',
    );
  }
  const users = presentUsers(context).filter((user) => filter.matches(user));
  const page = { path: 'users', odataContext: 'users', listing, sizes: DIRECTORY_PAGES };
  const select = query.list('select');
  return ok(
    listPage(context, request, page, users, (user) => selected(userJson(user, select !== null), select)),
    directoryHeaders(2),
  );
}

function countUsers(context: GraphContext, request: GraphRequest): Reply {
  if (String(request.headers['consistencylevel'] ?? '').toLowerCase() !== 'eventual') {
    throw badRequest('$count needs the header ConsistencyLevel: eventual.', 'Request_UnsupportedQuery');
  }
  const filter = readUserFilter(request.query.get('filter'));
  const count = presentUsers(context).filter((user) => filter.matches(user)).length;
  return { status: 200, bytes: Buffer.from(String(count)), contentType: 'text/plain', headers: directoryHeaders(2) };
}

function getUser(context: GraphContext, request: GraphRequest, name: string): Reply {
  const user = context.tenant.user(name);
  if (user === undefined || user.deletedAt !== null) throw notFound(name);
  const select = request.query.list('select');
  return ok(entity(context, 'users', selected(userJson(user, select !== null), select)), directoryHeaders(1));
}

function presentUsers({ tenant }: GraphContext): UserRecord[] {
  return [...tenant.users.values()].filter(({ deletedAt }) => deletedAt === null);
}

function mailboxSettings(context: GraphContext, request: GraphRequest, name: string): Reply {
  const { user } = openMailbox(context, name);
  const json = {
    userPurpose: user.kind === 'no-mailbox' || user.kind === 'guest' ? 'user' : user.kind,
    timeZone: 'W. Europe Standard Time',
    language: { locale: user.language === 'emoji' ? 'en' : user.language, displayName: user.language },
  };
  return ok({
    '@odata.context': context.links.context(`users('${user.id}')/mailboxSettings`),
    ...selected(json, request.query.list('select')),
  });
}

/** The service tells the in-place archive here, though v1.0 does not promise it. */
function exchangeSettings(context: GraphContext, name: string): Reply {
  const { user } = openMailbox(context, name);
  const { tenant, links } = context;
  const boxes = seededRandom(tenant.shape.seed, user.mailbox!, 626);
  const [primary, archive] = [generateGuid(boxes), generateGuid(boxes)];
  return ok({
    '@odata.context': links.context(`users('${user.id}')/settings/exchange/$entity`),
    primaryMailboxId: `MBX:${primary}@${tenant.id}`,
    inPlaceArchiveMailboxId: user.hasArchive ? `MBX:${archive}@${tenant.id}` : null,
  });
}

function listGroups(context: GraphContext, request: GraphRequest, groups: readonly GroupRecord[]): Reply {
  const listing = openListing(context, request, 'groups');
  const filter = listing.query.get('filter');
  const matching = groups.filter(groupFilter(filter));
  const page = { path: 'groups', odataContext: 'groups', listing, sizes: DIRECTORY_PAGES };
  const select = listing.query.list('select');
  return ok(
    listPage(context, request, page, matching, (group) => selected({ ...group }, select)),
    directoryHeaders(3),
  );
}

function groupFilter(text: string | undefined): (group: GroupRecord) => boolean {
  if (text === undefined) return () => true;
  if (/^\s*groupTypes\/any\(\s*(\w+)\s*:\s*\1\s+eq\s+'Unified'\s*\)\s*$/i.test(text))
    return (group) => group.groupTypes.includes('Unified');
  if (/^\s*resourceProvisioningOptions\/any\(\s*(\w+)\s*:\s*\1\s+eq\s+'Team'\s*\)\s*$/i.test(text)) {
    return (group) => group.resourceProvisioningOptions.includes('Team');
  }
  throw badRequest(`The filter '${text}' is not supported.`, 'Request_UnsupportedQuery');
}

function listSites(
  context: GraphContext,
  request: GraphRequest,
  sites: readonly Record<string, unknown>[],
  path: string,
): Reply {
  const listing = openListing(context, request, path);
  const page = { path, odataContext: 'sites', listing, sizes: DIRECTORY_PAGES };
  return ok(listPage(context, request, page, sites, (site) => selected(site, listing.query.list('select'))));
}

function entity(context: GraphContext, set: string, json: Record<string, unknown>): Record<string, unknown> {
  return { '@odata.context': context.links.context(`${set}/$entity`), ...json };
}

function directoryHeaders(units: number): Record<string, string> {
  return { 'x-ms-resource-unit': String(units) };
}

function notFound(name: string): GraphError {
  return new GraphError(
    404,
    'Request_ResourceNotFound',
    `Resource '${name}' does not exist or one of its queried reference-property objects are not present.`,
  );
}
