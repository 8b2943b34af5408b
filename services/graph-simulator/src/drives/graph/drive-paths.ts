import { badRequest } from '../../http/graph-error.ts';
import { readSegments } from '../../http/graph-request.ts';
import type { Tenant } from '../../tenant/tenant.ts';

/*
 * Paths of drives have forms of their own: `…/root` is an item, and `…/root:/a/b:/content` names one by its path. Both are
 * read into the segments of the plain form, `…/items/{item}/content`, where the item may be `root` or `root:/a/b`.
 */

/**
 * Segments of a Graph path, those of drives in their plain form.
 * @param path after the version, without query
 * @throws GraphError for an empty segment or a broken escape
 */
export function graphSegments(path: string): string[] {
  if (!/^\/(drives|users)[/(]/i.test(path)) return readSegments(path);
  const colon = path.indexOf(':/');
  if (colon === -1) return plain(readSegments(path.endsWith(':') ? path.slice(0, -1) : path));
  const head = plain(readSegments(path.slice(0, colon)));
  const [, below, tail] = /^\/([^:]*)(?::(\/.*)?)?$/s.exec(path.slice(colon + 1)) ?? [];
  if (below === undefined) throw badRequest('The path has too many colons.', 'invalidRequest');
  const names = below.split('/').map(decode);
  if (names.includes('')) throw badRequest('The path has an empty name.', 'invalidRequest');
  const item = `${head.at(-1)}:/${names.join('/')}`;
  return [...head.slice(0, -1), item, ...(tail === undefined ? [] : readSegments(tail))];
}

/** User id of the owner of the drive that a path is about, or null. @param segments in plain form */
export function driveInPath(tenant: Tenant, segments: readonly string[]): string | null {
  const [first, name, below] = segments.map((segment, at) => (at === 1 ? segment : segment.toLowerCase()));
  if (name === undefined) return null;
  if (first === 'users') return below === 'drive' || below === 'drives' ? (tenant.user(name)?.id ?? null) : null;
  if (first !== 'drives') return null;
  const number = tenant.drives.ids.readDrive(name);
  return number === null ? null : (tenant.drives.get(number)?.state.owner ?? null);
}

/** A drive below a user is the drive; a root is an item. */
function plain(segments: string[]): string[] {
  const lower = segments.map((segment) => segment.toLowerCase());
  const below = lower[0] === 'users' && lower[2] === 'drives' && segments.length > 3 ? segments.slice(2) : segments;
  const at = lower[0] === 'users' && below === segments ? 3 : 2;
  const ofDrive = lower[0] === 'drives' || below !== segments || lower[2] === 'drive';
  if (!ofDrive || below[at]?.toLowerCase() !== 'root') return below;
  return [...below.slice(0, at), 'items', 'root', ...below.slice(at + 1)];
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw badRequest('The request URI is not valid.', 'RequestBroker--ParseUri');
  }
}
