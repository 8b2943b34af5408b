import type { Query } from '../../http/graph-request.ts';

const PERMISSIONS = ['permissions', 'invite', 'createlink', 'grant'];
const LISTINGS = ['children', 'drives', 'versions'];

/** What a request for drives costs, in SharePoint's resource units. @param segments of its path, in plain form */
export function resourceUnits(method: string, segments: readonly string[], query: Query): number {
  if (segments.some((segment) => PERMISSIONS.includes(segment.toLowerCase()))) return 5;
  if (/\bpermissions\b/i.test(query.get('expand') ?? '')) return 5;
  if (method !== 'GET') return 2;
  const last = segments.at(-1)?.toLowerCase() ?? '';
  if (last === 'delta') return query.get('token') === undefined ? 2 : 1;
  return LISTINGS.includes(last) ? 2 : 1;
}
