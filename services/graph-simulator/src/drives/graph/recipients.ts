import { DOMAIN } from '../../directory/people.ts';
import type { JsonObject } from '../../graph/json-body.ts';
import type { Tenant } from '../../tenant/tenant.ts';
import type { Grantee } from '../state/item.ts';
import { granteeOf } from '../state/permissions.ts';
import { invalidRequest } from './drive-errors.ts';

/** Whom a request wants to share with. @throws GraphError when someone is not known */
export function readRecipients(tenant: Tenant, value: unknown): Grantee[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalidRequest('recipients must be a list.');
  return (value as JsonObject[]).map((recipient) => {
    const found = resolve(tenant, recipient);
    if (found === null) throw invalidRequest('One or more users could not be resolved', 'noResolvedUsers');
    return found;
  });
}

/** People of the tenant by id or address, people outside of it by address. */
function resolve(tenant: Tenant, { objectId, email, alias }: JsonObject): Grantee | null {
  const name = [objectId, email, alias].find((given) => typeof given === 'string' && given !== '') as
    string | undefined;
  if (name === undefined) return null;
  const user = tenant.user(name) ?? tenant.user(`${name}@${DOMAIN}`);
  if (user !== undefined) return granteeOf(user);
  const isOutside = /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(name) && !name.toLowerCase().endsWith(`@${DOMAIN}`);
  return isOutside ? { kind: 'user', id: null, displayName: name, email: name } : null;
}
