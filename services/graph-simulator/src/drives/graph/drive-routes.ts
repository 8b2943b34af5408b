import type { GraphContext } from '../../graph/graph-context.ts';
import type { Route } from '../../http/router.ts';

/** Everything that Graph serves of drives. */
export function driveRoutes(_context: GraphContext): Route[] {
  return [];
}
