import type { GraphContext } from '../../graph/graph-context.ts';
import type { Route } from '../../http/router.ts';
import { contactDeltaRoutes } from './delta-routes.ts';
import { contactFolderRoutes } from './folder-routes.ts';
import { contactItemRoutes } from './item-routes.ts';
import { photoRoutes } from './photo-routes.ts';

/** Everything that Graph serves of contacts. */
export function contactRoutes(context: GraphContext): Route[] {
  return [
    ...contactFolderRoutes(context),
    ...contactItemRoutes(context),
    ...contactDeltaRoutes(context),
    ...photoRoutes(context),
  ];
}
