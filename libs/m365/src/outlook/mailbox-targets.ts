import type { MailboxTargets } from '@backhaul/engine';
import { calendarTarget } from '../calendar/calendar-target.ts';
import { contactTarget } from '../contacts/contact-target.ts';
import type { Graph } from '../graph.ts';
import { mailTarget } from '../mail/mail-target.ts';

/** Everything that one user, shared or room mailbox is restored to. */
export function mailboxTargets(graph: Graph, userId: string): MailboxTargets {
  return {
    mail: mailTarget(graph, userId),
    contacts: contactTarget(graph, userId),
    calendar: calendarTarget(graph, userId),
  };
}
