import { randomUUID } from 'node:crypto';
import { ACCESS } from '../../graph/access.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import { jsonBody, type JsonObject } from '../../graph/json-body.ts';
import { GraphError } from '../../http/graph-error.ts';
import type { GraphRequest } from '../../http/graph-request.ts';
import { noContent, ok, type Reply } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import type { PermissionState } from '../state/item.ts';
import { momentOf, setPermissions } from '../state/operations.ts';
import { grant, permissionsOf, sharingLink, type EffectivePermission } from '../state/permissions.ts';
import { driveItemNotFound, invalidRequest } from './drive-errors.ts';
import type { DriveBase } from './drive-base.ts';
import { forWriting, openItem, type OpenItem } from './open-drive.ts';
import { permissionJson } from './permission-json.ts';
import { readRecipients } from './recipients.ts';

const ROLES = ['read', 'write', 'owner'];
const LINK_TYPES = ['view', 'edit'];
const LINK_SCOPES = ['anonymous', 'organization', 'users'];

type Handle = (request: GraphRequest, item: OpenItem, permission: string) => Reply | Promise<Reply>;

/** Who may do what with an item. */
export function permissionRoutes(context: GraphContext, base: DriveBase): Route[] {
  const route = (method: string, below: string, handle: Handle): Route => ({
    method,
    path: `${base.path}/items/{item}${below}`,
    access: method === 'GET' ? ACCESS.files : ACCESS.filesWrite,
    handle: (request, [drive, item, permission]) => {
      const open = base.open(context, drive!);
      return handle(request, openItem(context, method === 'GET' ? open : forWriting(open), item!), permission ?? '');
    },
  });
  return [
    route('GET', '/permissions', (_, item) => collection(context, item, permissionsOf(item.drive, item.key))),
    route('GET', '/permissions/{permission}', (_, item, id) =>
      ok({
        '@odata.context': context.links.context('Collection(permission)/$entity'),
        ...permissionJson(context, item, item.key, anyPermission(item, id)),
      }),
    ),
    route('POST', '/invite', (request, item) => invite(context, request, item)),
    route('POST', '/createLink', (request, item) => createLink(context, request, item)),
    route('POST', '/permissions/{permission}/grant', (request, item, id) => grantLink(context, request, item, id)),
    route('PATCH', '/permissions/{permission}', (request, item, id) => changeRoles(context, request, item, id)),
    route('DELETE', '/permissions/{permission}', (_, item, id) => {
      const { permission } = ownPermission(item, id);
      store(
        context,
        item,
        item.state.permissions.filter((other) => other !== permission),
      );
      return noContent;
    }),
  ];
}

/** Shares with people; mails go out unless `sendInvitation` is false. */
async function invite(context: GraphContext, request: GraphRequest, item: OpenItem): Promise<Reply> {
  const body = await jsonBody(request);
  checkSharing(item);
  const recipients = readRecipients(context.tenant, body['recipients']);
  if (recipients.length === 0) throw invalidRequest('recipients must not be empty.');
  const roles = readRoles(body['roles']);
  const made = recipients.map((recipient) => grant(recipient, roles, readExpiry(body)));
  const kept = ownAfter(body, item).filter((permission) => made.every(({ id }) => id !== permission.id));
  store(context, item, [...kept, ...made], keepsInherited(body, item));
  if (body['sendInvitation'] === true) sendMails(context, recipients.length);
  return collection(
    context,
    item,
    made.map((permission) => ({ permission, setOn: item.key })),
  );
}

/** A link of the same kind is made once. */
async function createLink(context: GraphContext, request: GraphRequest, item: OpenItem): Promise<Reply> {
  const body = await jsonBody(request);
  checkSharing(item);
  const { type, scope = 'organization' } = body as { type?: unknown; scope?: unknown };
  if (typeof type !== 'string' || !LINK_TYPES.includes(type)) throw invalidRequest('type must be view or edit.');
  if (typeof scope !== 'string' || !LINK_SCOPES.includes(scope)) {
    throw invalidRequest('scope must be anonymous, organization or users.');
  }
  const grantees = readRecipients(context.tenant, body['recipients']);
  const hasPassword = typeof body['password'] === 'string';
  const own = ownAfter(body, item);
  const known = own.find(({ link }) => link?.type === type && link.scope === scope && scope !== 'users');
  const permission =
    known ?? sharingLink(randomUUID(), { type, scope, grantees }, { expiresAt: readExpiry(body), hasPassword });
  if (known === undefined || own !== item.state.permissions) {
    store(context, item, known === undefined ? [...own, permission] : own, keepsInherited(body, item));
  }
  if (body['sendNotification'] === true) sendMails(context, grantees.length);
  const json = permissionJson(context, item, item.key, { permission, setOn: item.key });
  const entity = { '@odata.context': context.links.context('permission'), ...json };
  return { status: known === undefined ? 201 : 200, json: entity };
}

/** More people may use a link. */
async function grantLink(context: GraphContext, request: GraphRequest, item: OpenItem, id: string): Promise<Reply> {
  const body = await jsonBody(request);
  checkSharing(item);
  const { permission } = ownPermission(item, id);
  const { link } = permission;
  if (link === null) throw invalidRequest('Only the use of links can be granted.');
  const recipients = readRecipients(context.tenant, body['recipients']);
  const grantees = [...link.grantees, ...recipients];
  const changed = { ...permission, roles: readRoles(body['roles']), link: { ...link, grantees } };
  store(context, item, replaced(item, permission, changed));
  return collection(context, item, [{ permission: changed, setOn: item.key }]);
}

async function changeRoles(context: GraphContext, request: GraphRequest, item: OpenItem, id: string): Promise<Reply> {
  const roles = readRoles((await jsonBody(request))['roles']);
  const { permission } = ownPermission(item, id);
  if (permission.link !== null) throw invalidRequest('The roles of a link cannot be changed.');
  const changed = { ...permission, roles };
  store(context, item, replaced(item, permission, changed));
  return ok(permissionJson(context, item, item.key, { permission: changed, setOn: item.key }));
}

function replaced({ state }: OpenItem, old: PermissionState, by: PermissionState): PermissionState[] {
  return state.permissions.map((permission) => (permission === old ? by : permission));
}

/** What is set on the item stays unless inheritance is broken by this very request: then all goes. */
function ownAfter(body: JsonObject, item: OpenItem): PermissionState[] {
  return item.state.inherits && !keepsInherited(body, item) ? [] : item.state.permissions;
}

function keepsInherited(body: JsonObject, { state }: OpenItem): boolean {
  return state.inherits && body['retainInheritedPermissions'] !== false;
}

function store(
  context: GraphContext,
  { drive, key, state }: OpenItem,
  permissions: PermissionState[],
  inherits = state.inherits,
): void {
  setPermissions(context.tenant, drive, key, permissions, inherits, momentOf(context.now()));
}

function sendMails({ tenant }: GraphContext, count: number): void {
  for (let mail = 0; mail < count; mail++) tenant.apply({ do: 'sent', what: 'mails' });
}

function anyPermission({ drive, key }: OpenItem, id: string): EffectivePermission {
  const found = permissionsOf(drive, key).find(({ permission }) => permission.id === id);
  if (found === undefined) throw driveItemNotFound();
  return found;
}

/** @throws GraphError for an inherited permission, and for the owner's */
function ownPermission(item: OpenItem, id: string): EffectivePermission {
  const found = anyPermission(item, id);
  if (found.setOn !== item.key) throw invalidRequest('Inherited permissions can only be changed where they are set.');
  if (found.permission.roles.includes('owner') && found.permission.grantedTo?.id === item.drive.state.owner) {
    throw new GraphError(403, 'accessDenied', 'The permission of the owner cannot be changed.');
  }
  return found;
}

function checkSharing({ drive }: OpenItem): void {
  if (!drive.state.sharingDisabled) return;
  throw new GraphError(403, 'accessDenied', 'Sharing has been disabled on this site.', {
    innerCode: 'sharingDisabled',
  });
}

function readRoles(value: unknown): string[] {
  if (!Array.isArray(value) || value.length === 0 || !value.every((role) => ROLES.includes(role as string))) {
    throw invalidRequest(`roles must be a list of ${ROLES.join(', ')}.`);
  }
  return value as string[];
}

function readExpiry({ expirationDateTime }: JsonObject): string | null {
  if (expirationDateTime === undefined || expirationDateTime === null) return null;
  const time = typeof expirationDateTime === 'string' ? Date.parse(expirationDateTime) : NaN;
  if (Number.isNaN(time)) throw invalidRequest('expirationDateTime is no date.');
  return new Date(time).toISOString();
}

function collection(context: GraphContext, item: OpenItem, all: readonly EffectivePermission[]): Reply {
  const value = all.map((permission) => permissionJson(context, item, item.key, permission));
  return ok({ '@odata.context': context.links.context('Collection(permission)'), value });
}
