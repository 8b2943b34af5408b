import { ACCESS } from '../../graph/access.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import { badRequest } from '../../http/graph-error.ts';
import { jsonBody } from '../../graph/json-body.ts';
import type { Reply } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import { isoSeconds } from '../../mail/generate/message.ts';
import { changeAppointment } from '../state/operations.ts';
import { EVENT_PATHS, eventOf } from './event-paths.ts';
import { takeAway } from './invitations.ts';

const ACCEPTED: Reply = { status: 202 };
const ANSWERS = { accept: 'accepted', tentativelyAccept: 'tentativelyAccepted', decline: 'declined' } as const;

/** What people do to events, each with a mail: cancel, forward, answer. */
export function invitationRoutes(context: GraphContext): Route[] {
  const { tenant } = context;
  return EVENT_PATHS.flatMap((path): Route[] => [
    {
      method: 'POST',
      path: `${path}/cancel`,
      access: ACCESS.calendarsWrite,
      handle: (_, parameters) => {
        const open = eventOf(context, path, parameters, true);
        if (open.state.content.response !== 'organizer')
          throw badRequest('Only the organizer can cancel a meeting.', 'ErrorInvalidRequest');
        takeAway(context, open);
        return ACCEPTED;
      },
    },
    {
      method: 'POST',
      path: `${path}/forward`,
      access: ACCESS.calendars,
      handle: (_, parameters) => {
        eventOf(context, path, parameters);
        tenant.apply({ do: 'sent', what: 'mails' });
        return ACCEPTED;
      },
    },
    ...Object.entries(ANSWERS).map(([action, response]): Route => ({
      method: 'POST',
      path: `${path}/${action}`,
      access: ACCESS.calendarsWrite,
      handle: async (request, parameters) => {
        const body = (request.headers['content-length'] ?? '0') === '0' ? {} : await jsonBody(request);
        const { book, key, state } = eventOf(context, path, parameters, true);
        if (state.content.response === 'organizer')
          throw badRequest(
            "Your request can't be completed. You're the organizer of this meeting.",
            'ErrorInvalidRequest',
          );
        const now = isoSeconds(context.now().getTime());
        changeAppointment(tenant, book, key, { content: { ...state.content, response } }, now);
        if (body['sendResponse'] !== false) tenant.apply({ do: 'sent', what: 'mails' });
        return ACCEPTED;
      },
    })),
  ]);
}
