import type { ControlRoute } from '../../control/control-server.ts';
import type { GraphContext } from '../../graph/graph-context.ts';

/** What the control port can be asked about contacts. */
export function contactsControlRoutes(_context: GraphContext): ControlRoute[] {
  return [];
}
