import type { Loss } from '../../restore/restore-kind.ts';
import type { DrivePermission, Grantee, Grantees } from '../drive-source.ts';
import type { GrantToMake, LinkToMake } from '../drive-target.ts';

/** One thing to do so that an item has the permissions it had; `meaning` says it to people. */
export type PermissionStep =
  { type: 'link'; link: LinkToMake; meaning: string } | { type: 'grant'; grant: GrantToMake; meaning: string };

/** What of stored permissions is to be made, and what cannot be given back. */
export interface PermissionPlan {
  /** Links first: the first one may otherwise take away what was granted. */
  steps: PermissionStep[];
  losses: Loss[];
}

/**
 * Compares what is stored with what the item has. The owner of the target owns what is restored there, so owners are left
 * out without a word; groups of a site, and links with a password that nobody knows, cannot be made again.
 */
export function planPermissions(stored: readonly DrivePermission[], there: readonly DrivePermission[]): PermissionPlan {
  const links: PermissionStep[] = [];
  const grants: PermissionStep[] = [];
  const losses: Loss[] = [];
  for (const permission of stored) {
    if (permission.roles?.includes('owner') === true) continue;
    if (permission.link !== undefined && permission.link !== null) {
      if (permission.hasPassword === true) losses.push(lost('a sharing link with a password'));
      else if (!there.some((other) => isSameLink(permission, other))) links.push(linkStep(permission));
      continue;
    }
    const to = granteeOf(permission.grantedToV2);
    const role = permission.roles?.find((one) => one === 'read' || one === 'write');
    if (to === null || role === undefined) losses.push(lost(`the permission of ${nameOf(permission)}`));
    else if (!there.some((other) => grantsTo(other, to, role))) {
      const expiresAt = permission.expirationDateTime ?? null;
      grants.push({ type: 'grant', grant: { to, role, expiresAt }, meaning: `${role} for ${label(to)}` });
    }
  }
  return { steps: [...links, ...grants], losses };
}

function linkStep({ link, grantedToIdentitiesV2, expirationDateTime }: DrivePermission): PermissionStep {
  const { type = 'view', scope = 'organization' } = link ?? {};
  const recipients = (grantedToIdentitiesV2 ?? []).map(granteeOf).filter((grantee) => grantee !== null);
  const wanted = scope === 'users' ? recipients : [];
  const meaning = `a link to ${type} for ${wanted.length === 0 ? scope : wanted.map(label).join(', ')}`;
  return { type: 'link', link: { type, scope, recipients: wanted, expiresAt: expirationDateTime ?? null }, meaning };
}

function isSameLink({ link, grantedToIdentitiesV2 }: DrivePermission, other: DrivePermission): boolean {
  if (link?.type !== other.link?.type || link?.scope !== other.link?.scope) return false;
  if (link?.scope !== 'users') return true;
  const people = new Set((other.grantedToIdentitiesV2 ?? []).map((identity) => keyOf(granteeOf(identity))));
  return (grantedToIdentitiesV2 ?? []).every((identity) => people.has(keyOf(granteeOf(identity))));
}

function grantsTo(other: DrivePermission, to: Grantee, role: string): boolean {
  const isEnough = other.roles?.some((one) => one === role || one === 'write' || one === 'owner') === true;
  return isEnough && keyOf(granteeOf(other.grantedToV2)) === keyOf(to);
}

/** People and groups of the directory, by id or address; groups of a site are known there by number only. */
function granteeOf(grantees: Grantees | null | undefined): Grantee | null {
  const found = grantees?.user ?? grantees?.group ?? null;
  return found !== null && (Boolean(found.email) || Boolean(found.id)) ? found : null;
}

/** The address is the same in every tenant; an id is not. */
function keyOf(grantee: Grantee | null): string {
  return (grantee?.email || grantee?.id || '').toLowerCase();
}

function label(grantee: Grantee): string {
  return grantee.email || grantee.displayName || grantee.id || 'somebody';
}

function nameOf({ grantedToV2 }: DrivePermission): string {
  const grantee = grantedToV2?.siteGroup ?? grantedToV2?.application ?? grantedToV2?.siteUser ?? grantedToV2?.user;
  return grantee?.displayName ? `"${grantee.displayName}"` : 'somebody without an address';
}

function lost(what: string): Loss {
  return {
    code: 'restore.permission-left-out',
    message: `${what[0]?.toUpperCase()}${what.slice(1)} cannot be made again.`,
  };
}
