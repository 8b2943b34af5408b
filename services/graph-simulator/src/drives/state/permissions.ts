import type { UserRecord } from '../../tenant/user.ts';
import type { Drive } from './drive.ts';
import { ROOT, type Grantee, type ItemState, type LinkState, type PermissionState } from './item.ts';

/** A permission as it applies to an item, and the item that it is set on. */
export interface EffectivePermission {
  permission: PermissionState;
  setOn: number;
}

/**
 * Everything that applies to an item, its own first.
 * @param item the states of the drive's items, now or at a mark
 */
export function effectivePermissions(item: (key: number) => ItemState | null, key: number): EffectivePermission[] {
  const found: EffectivePermission[] = [];
  for (let at = key; ;) {
    const state = item(at);
    if (state === null) return found;
    found.push(...state.permissions.map((permission) => ({ permission, setOn: at })));
    if (!state.inherits || at === ROOT) return found;
    at = state.parent;
  }
}

export function permissionsOf(drive: Drive, key: number): EffectivePermission[] {
  return effectivePermissions((at) => drive.item(at), key);
}

/** How far an item is shared, or null: what the `shared` facet says. @param own only what is set on the item itself counts */
export function sharedScope(drive: Drive, key: number, own: boolean): string | null {
  const shared = own
    ? (drive.item(key)?.permissions ?? [])
    : permissionsOf(drive, key)
        .filter(({ setOn }) => setOn !== ROOT)
        .map(({ permission }) => permission);
  const scopes = shared.map(({ link }) => link?.scope ?? 'users');
  return ['anonymous', 'organization', 'users'].find((scope) => scopes.includes(scope)) ?? null;
}

/** The permission of a drive's owner, set on its root. */
export function ownerPermission(user: UserRecord): PermissionState {
  return grant(granteeOf(user), ['owner']);
}

export function granteeOf(user: UserRecord): Grantee {
  return { kind: 'user', id: user.id, displayName: user.displayName, email: user.mail ?? user.userPrincipalName };
}

/** Something granted to one person or group; its id follows from whom it is granted to. */
export function grant(grantedTo: Grantee, roles: string[], expiresAt: string | null = null): PermissionState {
  const id = Buffer.from(loginName(grantedTo)).toString('base64url');
  return { id, roles, grantedTo, link: null, expiresAt, hasPassword: false };
}

/** @param id unlike that of any other link */
export function sharingLink(
  id: string,
  link: LinkState,
  more: { expiresAt?: string | null; hasPassword?: boolean } = {},
): PermissionState {
  const roles = [link.type === 'edit' ? 'write' : 'read'];
  return {
    id,
    roles,
    grantedTo: null,
    link,
    expiresAt: more.expiresAt ?? null,
    hasPassword: more.hasPassword ?? false,
  };
}

/** As SharePoint names someone who signs in. */
export function loginName({ kind, id, email }: Grantee): string {
  return kind === 'group' ? `c:0o.c|federateddirectoryclaimprovider|${id}` : `i:0#.f|membership|${email.toLowerCase()}`;
}
