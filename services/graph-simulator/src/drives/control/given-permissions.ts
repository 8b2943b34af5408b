import { randomUUID } from 'node:crypto';
import type { GivenPermission } from '../../protocol/drives/changes.ts';
import type { Tenant } from '../../tenant/tenant.ts';
import type { Grantee, PermissionState } from '../state/item.ts';
import { grant, granteeOf, sharingLink } from '../state/permissions.ts';

/** Permissions as an edit gives them. @throws Error for one that is neither for a user nor a link */
export function givenPermissions(tenant: Tenant, given: readonly GivenPermission[]): PermissionState[] {
  return given.map(({ roles, user, link }) => {
    if (link !== undefined) {
      const { type = 'view', scope = 'organization' } = link;
      const grantees = user === undefined ? [] : [grantee(tenant, user)];
      return sharingLink(randomUUID(), { type, scope, grantees });
    }
    if (user === undefined) throw new Error('a permission needs user or link');
    return grant(grantee(tenant, user), roles);
  });
}

function grantee(tenant: Tenant, name: string): Grantee {
  const user = tenant.user(name);
  return user === undefined ? { kind: 'user', id: null, displayName: name, email: name } : granteeOf(user);
}
