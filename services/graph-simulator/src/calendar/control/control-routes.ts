import { mailboxNumber, readTruthQuery } from '../../control/control-query.ts';
import type { ControlRoute } from '../../control/control-server.ts';
import { LongAnswer } from '../../control/long-answer.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import type { NewEvent } from '../../protocol/calendar/changes.ts';
import { calendarTruth } from '../truth/truth.ts';
import { addEvent } from './given-event.ts';

/** What the control port can be asked about calendars. */
export function calendarControlRoutes(context: GraphContext): ControlRoute[] {
  const { tenant } = context;
  return [
    { method: 'POST', path: '/events', handle: ({ body }) => addEvent(context, body as NewEvent) },
    {
      method: 'GET',
      path: '/calendar-truth',
      handle: ({ query }) => {
        const { owner, mark, forms } = readTruthQuery(tenant, query);
        const book = tenant.calendars.get(mailboxNumber(tenant, owner))!;
        const { events, ...head } = calendarTruth(tenant, book, mark, forms);
        return new LongAnswer(head, 'events', events);
      },
    },
  ];
}
