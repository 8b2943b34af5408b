import type { GraphContext } from '../../graph/graph-context.ts';
import type { Route } from '../../http/router.ts';
import { attachmentRoutes } from './attachment-routes.ts';
import { deltaRoutes } from './delta-routes.ts';
import { folderRoutes } from './folder-routes.ts';
import { messageRoutes } from './message-routes.ts';

/** Everything that Graph serves of mail. */
export function mailRoutes(context: GraphContext): Route[] {
  return [...folderRoutes(context), ...deltaRoutes(context), ...messageRoutes(context), ...attachmentRoutes(context)];
}
