import type { AppointmentContent, AppointmentState, Recurrence, SeriesException } from './appointment.ts';

/** The state of an appointment that has just come to be. @param uid 32 hexadecimal digits @param now ISO 8601 */
export function newAppointmentState(
  calendar: number,
  content: AppointmentContent,
  recurrence: Recurrence | null,
  uid: string,
  now: string,
): AppointmentState {
  return {
    calendar,
    content,
    recurrence,
    exceptions: {},
    cancelled: [],
    uid,
    transactionId: null,
    postedHash: null,
    createdAt: now,
    modifiedAt: now,
    revision: 1,
    properties: {},
    nextAttachment: 1 + Math.max(0, ...content.attachments.map(({ key }) => key)),
  };
}

/** What of an exception is no part of what it says. */
export type OccurrenceMore = Partial<Pick<SeriesException, 'properties' | 'nextAttachment'>>;

/** The exception after a change; it comes to be by the first. */
export function changedException(
  before: SeriesException | undefined,
  set: Partial<AppointmentContent>,
  more: OccurrenceMore,
  now: string,
): SeriesException {
  return {
    set: { ...before?.set, ...set },
    properties: { ...before?.properties, ...more.properties },
    createdAt: before?.createdAt ?? now,
    modifiedAt: now,
    revision: (before?.revision ?? 0) + 1,
    nextAttachment: more.nextAttachment ?? before?.nextAttachment ?? null,
  };
}
