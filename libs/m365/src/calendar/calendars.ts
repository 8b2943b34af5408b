import type { PlaceFound } from '@backhaul/engine';
import type { Mailbox } from '../mail/mailbox.ts';

/** A calendar as Graph lists it. */
export interface GraphCalendar {
  id: string;
  name?: string | null;
  isDefaultCalendar?: boolean | null;
  canEdit?: boolean | null;
  owner?: { name?: string | null; address?: string | null } | null;
}

const LISTING = '/calendars?$select=id,name,isDefaultCalendar,canEdit,owner&$top=250';

/** The mailbox's own calendars; those that others share with it belong to the others' mailboxes. */
export async function listCalendars(mailbox: Mailbox, signal: AbortSignal): Promise<PlaceFound[]> {
  const calendars: GraphCalendar[] = [];
  for await (const page of mailbox.pages<GraphCalendar>({ path: LISTING, signal })) calendars.push(...page.value);
  const owner = addressOf(calendars.find(({ isDefaultCalendar }) => isDefaultCalendar === true));
  return calendars.filter((one) => [owner, ''].includes(addressOf(one)) || owner === '').map(asPlace);
}

/** Calendars of birthdays, holidays and from the internet are filled by the service alone. */
export function asPlace(calendar: GraphCalendar): PlaceFound {
  return {
    id: calendar.id,
    parentId: '',
    name: calendar.name ?? '',
    wellKnownName: calendar.isDefaultCalendar === true ? 'calendar' : null,
    hidden: false,
    ...(calendar.canEdit === false && { isReadOnly: true }),
  };
}

function addressOf(calendar: GraphCalendar | undefined): string {
  return (calendar?.owner?.address ?? '').toLowerCase();
}
