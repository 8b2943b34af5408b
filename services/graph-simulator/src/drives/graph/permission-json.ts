import type { GraphContext } from '../../graph/graph-context.ts';
import type { EffectivePermission } from '../state/permissions.ts';
import { loginName } from '../state/permissions.ts';
import type { Grantee, LinkState } from '../state/item.ts';
import { driveUrl } from './drive-json.ts';
import type { OpenDrive } from './open-drive.ts';

/** A permission as it applies to an item. @param key of the item */
export function permissionJson(
  context: GraphContext,
  { drive, owner }: OpenDrive,
  key: number,
  { permission, setOn }: EffectivePermission,
): Record<string, unknown> {
  const { tenant } = context;
  const { id, roles, grantedTo, link, expiresAt, hasPassword } = permission;
  const inherited = setOn !== key && tenant.settings.drives.omitInheritedFrom === 0;
  return {
    id,
    roles,
    shareId: `u!${Buffer.from(`${drive.number}.${setOn}.${id}`).toString('base64url')}`,
    ...(expiresAt !== null && { expirationDateTime: expiresAt }),
    hasPassword,
    ...(inherited && {
      inheritedFrom: {
        driveId: tenant.drives.ids.drive(drive.number),
        id: tenant.drives.ids.item(drive.number, setOn),
        path: `/drives/${tenant.drives.ids.drive(drive.number)}/root:${drive
          .path(setOn)
          .map((name) => `/${name}`)
          .join('')}`,
      },
    }),
    ...(grantedTo !== null && { grantedToV2: identitySet(grantedTo), grantedTo: { user: identity(grantedTo) } }),
    ...(grantedTo !== null &&
      grantedTo.id === null && { invitation: { email: grantedTo.email, signInRequired: true } }),
    ...(link !== null && linkJson(link, id, driveUrl(owner))),
  };
}

function linkJson({ type, scope, grantees }: LinkState, id: string, url: string): Record<string, unknown> {
  return {
    link: { scope, type, webUrl: `${new URL(url).origin}/:x:/g/${id}`, preventsDownload: false },
    grantedToIdentitiesV2: grantees.map(identitySet),
    grantedToIdentities: grantees.map((grantee) => ({ user: identity(grantee) })),
  };
}

function identitySet(grantee: Grantee): Record<string, unknown> {
  const { displayName, email } = grantee;
  const login = loginName(grantee);
  // SharePoint numbers the people and groups of a site for itself.
  const id = String((login.length * 31 + login.charCodeAt(login.length - 1) * 7) % 1000);
  if (grantee.kind === 'group') {
    return { group: identity(grantee), siteGroup: { id, displayName, loginName: login } };
  }
  return { user: identity(grantee), siteUser: { id, displayName, email, loginName: login } };
}

function identity({ id, displayName, email }: Grantee): Record<string, unknown> {
  return { ...(id !== null && { id }), displayName, email };
}
