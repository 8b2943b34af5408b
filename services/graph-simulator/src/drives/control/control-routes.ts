import type { ControlRoute } from '../../control/control-server.ts';
import type { GraphContext } from '../../graph/graph-context.ts';

/** What the control port can be asked about drives. */
export function drivesControlRoutes(_context: GraphContext): ControlRoute[] {
  return [];
}
