import type { EditTable } from '../../control/edit-table.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import { isoSeconds } from '../../mail/generate/message.ts';
import type { CalendarEdit } from '../../protocol/calendar/changes.ts';
import type { EditResult } from '../../protocol/item.ts';
import {
  openAppointment,
  openBook,
  openCalendar,
  type OpenAppointment,
  type OpenCalendar,
} from '../graph/open-calendar.ts';
import { contentSet } from '../graph/posted-event.ts';
import { readRecurrence } from '../graph/posted-recurrence.ts';
import {
  cancelOccurrence,
  changeAppointment,
  changeCalendar,
  changeOccurrence,
  createCalendar,
  removeAppointment,
  removeCalendar,
} from '../state/operations.ts';
import { occurrenceOf } from './given-event.ts';

/** Exact edits of calendars, as the mailbox's owner would do them, but without a mail to anybody. */
export const CALENDAR_EDITS: EditTable<CalendarEdit> = {
  'add-calendar': (context, edit) => {
    const { book } = openBook(context, edit.mailbox);
    const state = {
      name: edit.name,
      group: 1,
      color: 'auto',
      isDefault: false,
      canEdit: true,
      sharedBy: null,
      revision: 1,
    } as const;
    return { id: context.tenant.ids.encode('calendar', book.number, createCalendar(context.tenant, book, state)) };
  },
  'rename-calendar': (context, edit) => {
    const open = calendarOf(context, edit);
    changeCalendar(context.tenant, open.book, open.calendar.key, { name: edit.name });
    return { id: edit.calendar };
  },
  'delete-calendar': (context, edit) => {
    const open = calendarOf(context, edit);
    removeCalendar(context.tenant, open.book, open.calendar.key);
    return { id: edit.calendar };
  },
  'update-event': (context, edit) => {
    const open = eventOf(context, edit);
    const content = { ...open.state.content, ...contentSet(context, edit.set, open.state.content) };
    const recurrence = 'recurrence' in edit.set ? readRecurrence(edit.set['recurrence']) : open.state.recurrence;
    changeAppointment(context.tenant, open.book, open.key, { content, recurrence }, now(context));
    return eventResult(context, open);
  },
  'move-event': (context, edit) => {
    const open = eventOf(context, edit);
    const { key: calendar } = openCalendar(context, open, edit.to).calendar;
    changeAppointment(context.tenant, open.book, open.key, { calendar }, now(context));
    return eventResult(context, open);
  },
  'delete-event': (context, edit) => {
    const open = eventOf(context, edit);
    removeAppointment(context.tenant, open.book, open.key);
    return eventResult(context, open);
  },
  'change-occurrence': (context, edit) => {
    const open = eventOf(context, edit);
    const set = contentSet(context, edit.set, occurrenceOf(open.state, edit.date));
    changeOccurrence(context.tenant, open.book, open.key, edit.date, set, now(context));
    return eventResult(context, open);
  },
  'cancel-occurrence': (context, edit) => {
    const open = eventOf(context, edit);
    occurrenceOf(open.state, edit.date);
    cancelOccurrence(context.tenant, open.book, open.key, edit.date, now(context));
    return eventResult(context, open);
  },
};

function calendarOf(context: GraphContext, { mailbox, calendar }: { mailbox: string; calendar: string }): OpenCalendar {
  return openCalendar(context, openBook(context, mailbox), calendar);
}

function eventOf(context: GraphContext, { mailbox, event }: { mailbox: string; event: string }): OpenAppointment {
  const open = openAppointment(context, openBook(context, mailbox), event);
  if (open.instance !== null) throw new Error('an occurrence is named by the id of its series and its date');
  return open;
}

function eventResult({ tenant }: GraphContext, { book, key }: OpenAppointment): EditResult {
  return { id: tenant.ids.encode('event', book.number, key) };
}

function now(context: GraphContext): string {
  return isoSeconds(context.now().getTime());
}
