import type { GraphContext } from '../../graph/graph-context.ts';
import type { JsonObject } from '../../graph/json-body.ts';
import { isoSeconds } from '../../mail/generate/message.ts';
import { givenAttachment } from '../../mail/control/given-message.ts';
import type { Attachment } from '../../mail/state/message.ts';
import { readProperties } from '../../outlook/extended-properties.ts';
import { oneOf, readFlag, readText } from '../../outlook/fields.ts';
import { readRecipient } from '../../outlook/recipient.ts';
import type { NewEvent } from '../../protocol/calendar/changes.ts';
import type { EditResult } from '../../protocol/item.ts';
import { openBook, openCalendar } from '../graph/open-calendar.ts';
import { contentSet, newContent } from '../graph/posted-event.ts';
import { readRecurrence } from '../graph/posted-recurrence.ts';
import { RESPONSES, type AppointmentContent, type AppointmentState } from '../state/appointment.ts';
import { instanceAt } from '../state/instances.ts';
import { changedException, newAppointmentState } from '../state/next-state.ts';
import { createAppointment } from '../state/operations.ts';
import { newUid } from '../state/uid.ts';

/** Puts a given event into a calendar. @throws Error for fields that events cannot have, and dates without an occurrence */
export function addEvent(
  context: GraphContext,
  { mailbox, calendar, event, exceptions = [], cancelled = [] }: NewEvent,
): EditResult {
  const { tenant } = context;
  const open = openBook(context, mailbox);
  const { key: calendarKey } = openCalendar(context, open, calendar ?? null).calendar;
  const owner = { name: open.user.displayName, address: open.user.mail ?? open.user.userPrincipalName };
  const now = isoSeconds(context.now().getTime());
  const content: AppointmentContent = {
    ...newContent(context, event, owner),
    ...givenBeside(context, event),
    ...('organizer' in event && { organizer: readRecipient(event['organizer']) }),
  };
  const recurrence = readRecurrence(event['recurrence']);
  let state: AppointmentState = {
    ...newAppointmentState(calendarKey, content, recurrence, newUid(tenant, open.book), now),
    transactionId: readText(event, 'transactionId'),
    properties: readProperties(event['singleValueExtendedProperties']),
  };
  for (const { date, set } of exceptions) {
    const occurrence = occurrenceOf(state, date);
    const changed = { ...contentSet(context, set, occurrence), ...givenBeside(context, set) };
    const exception = changedException(undefined, changed, {}, now);
    state = { ...state, exceptions: { ...state.exceptions, [date]: exception } };
  }
  for (const date of cancelled) {
    occurrenceOf(state, date);
    state = { ...state, cancelled: [...state.cancelled, date].sort() };
  }
  return { id: tenant.ids.encode('event', open.book.number, createAppointment(tenant, open.book, state)) };
}

/** What an occurrence says. @throws Error when the series has none on this date */
export function occurrenceOf(state: AppointmentState, date: string): AppointmentContent {
  const instance = instanceAt(state, date);
  if (instance === null) throw new Error(`the series has no occurrence on ${date}`);
  return instance.content;
}

/** What a test may set and a client may not. */
function givenBeside(context: GraphContext, event: JsonObject): Partial<AppointmentContent> {
  const set: Partial<AppointmentContent> = {};
  const { responseStatus, attachments } = event;
  if (responseStatus !== undefined)
    set.response = oneOf('response', (responseStatus as JsonObject)['response'], RESPONSES);
  if (event['isCancelled'] !== undefined) set.isCancelled = readFlag(event, 'isCancelled', false);
  if (attachments !== undefined) {
    set.attachments = (attachments as JsonObject[]).map((attachment, at): Attachment =>
      givenAttachment(context, attachment, at + 1),
    );
  }
  return set;
}
