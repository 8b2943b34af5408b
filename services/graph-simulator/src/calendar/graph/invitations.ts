import type { GraphContext } from '../../graph/graph-context.ts';
import { isoSeconds } from '../../mail/generate/message.ts';
import type { AppointmentContent } from '../state/appointment.ts';
import { cancelOccurrence, removeAppointment } from '../state/operations.ts';
import type { OpenAppointment } from './open-calendar.ts';

/** An organizer's change, new event or cancellation goes to whoever is invited. */
export function countInvitation({ tenant }: GraphContext, { response, attendees }: AppointmentContent): void {
  if (response === 'organizer' && attendees.length > 0) tenant.apply({ do: 'sent', what: 'invitations' });
}

/** An event goes, or the occurrence of a series is cancelled; those who were invited are told. */
export function takeAway(context: GraphContext, { book, key, state, instance }: OpenAppointment): void {
  const { tenant } = context;
  countInvitation(context, instance?.content ?? state.content);
  if (instance?.date == null) removeAppointment(tenant, book, key);
  else cancelOccurrence(tenant, book, key, instance.date, isoSeconds(context.now().getTime()));
}
