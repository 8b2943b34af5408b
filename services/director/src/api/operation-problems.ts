import type { Route } from './routes.ts';

/** What every answer can be instead. */
const ALWAYS = ['request.malformed', 'database.unavailable', 'internal'];
const WITH_CREDENTIALS = ['access.token-missing', 'access.token-refused', 'access.too-many-failures'];
const WITH_KEY = ['idempotency.in-progress', 'idempotency.outcome-unknown', 'idempotency.other-request'];

/**
 * Every code of a refusal that an operation can answer with: those that it declares, and those that come with what it
 * takes and gives.
 */
export function problemCodesOf({ method, path, spec, parts }: Route): string[] {
  const codes = [...ALWAYS, ...(spec.problems ?? [])];
  const when = (condition: boolean, ...more: string[]) => void (condition && codes.push(...more));
  when(spec.role !== 'public', ...WITH_CREDENTIALS);
  when(spec.role === 'operator' || spec.role === 'admin', 'access.role-too-low');
  when(path.startsWith('/api/'), 'request.invalid');
  when(parts.path !== undefined, 'route.not-found');
  when(method !== 'get', 'request.too-large', 'request.media-type');
  when('schema' in spec.answer || 'mediaType' in spec.answer, 'request.not-acceptable');
  when(spec.idempotent === true, ...WITH_KEY);
  when(spec.ifMatch === true, 'if-match.missing', 'if-match.stale');
  return [...new Set(codes)].sort();
}
