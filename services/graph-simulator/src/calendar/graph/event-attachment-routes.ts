import { ACCESS } from '../../graph/access.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import { itemNotFound } from '../../http/graph-error.ts';
import { NO_PREFERENCES } from '../../http/graph-request.ts';
import type { Route } from '../../http/router.ts';
import { attachmentRoutesOf } from '../../outlook/attachments/attachment-routes.ts';
import { uploadSessionRoute, type OpenTargetHolder } from '../../outlook/attachments/upload-sessions.ts';
import { instanceAt } from '../state/instances.ts';
import { dayText, readDay } from '../time/days.ts';
import { appointmentHolder } from './appointment-holder.ts';
import { EVENT_PATHS, eventOf } from './event-paths.ts';

/** Attachments of events and of single occurrences, and sessions for large ones. */
export function eventAttachmentRoutes(context: GraphContext): Route[] {
  const access = { read: ACCESS.calendars, write: ACCESS.calendarsWrite };
  return EVENT_PATHS.flatMap((path) => [
    ...attachmentRoutesOf(context, path, access, (request, parameters, write) =>
      appointmentHolder({ ...eventOf(context, path, parameters, write), context, request }),
    ),
    uploadSessionRoute(context, path, ACCESS.calendarsWrite, (parameters) => {
      const { book, key, instance } = eventOf(context, path, parameters, true);
      const day = instance?.date == null ? 0 : readDay(instance.date);
      return { mailbox: book.number, target: { kind: 'event', key, day } };
    }),
  ]);
}

/** The event that an upload is for; with mutable ids, as the upload service names it. */
export function eventTarget(context: GraphContext): OpenTargetHolder {
  return (number, { key, day }) => {
    const book = context.tenant.calendars.get(number)!;
    const state = book.appointment(key);
    const instance = state === null || day === 0 ? null : instanceAt(state, dayText(day));
    if (state === null || (day !== 0 && instance === null)) throw itemNotFound();
    return appointmentHolder({ context, request: { preferences: NO_PREFERENCES }, book, key, state, instance });
  };
}
