import type { GraphContext } from '../../graph/graph-context.ts';
import type { Route } from '../../http/router.ts';
import { calendarListRoutes } from './calendar-list-routes.ts';
import { eventAttachmentRoutes } from './event-attachment-routes.ts';
import { eventRoutes } from './event-routes.ts';
import { invitationRoutes } from './invitation-routes.ts';
import { calendarViewRoutes } from './view-routes.ts';
import { calendarDeltaRoutes } from './view-delta-routes.ts';

/** Everything that Graph serves of calendars. */
export function calendarRoutes(context: GraphContext): Route[] {
  return [
    ...calendarListRoutes(context),
    ...eventRoutes(context),
    ...calendarViewRoutes(context),
    ...calendarDeltaRoutes(context),
    ...invitationRoutes(context),
    ...eventAttachmentRoutes(context),
  ];
}
