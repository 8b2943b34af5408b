import type { GraphContext } from '../../graph/graph-context.ts';
import type { Route } from '../../http/router.ts';

/** Everything that Graph serves of contacts. */
export function contactRoutes(_context: GraphContext): Route[] {
  return [];
}
