import type { Clock } from '@backhaul/domain';
import type { MailboxSources } from '@backhaul/engine';
import { calendarSource } from '../calendar/calendar-source.ts';
import { contactSource } from '../contacts/contact-source.ts';
import type { Graph } from '../graph.ts';
import type { FolderChoice } from '../mail/folders.ts';
import { mailSource } from '../mail/mail-source.ts';
import { openMailbox } from '../mail/mailbox.ts';
import { hasArchive } from './archive.ts';

/** Everything that one user, shared or room mailbox is read from. `clock` default: the host's. */
export function mailboxSources(
  graph: Graph,
  userId: string,
  { clock, ...choice }: FolderChoice & { clock?: Clock } = {},
): MailboxSources {
  return {
    mail: mailSource(graph, userId, choice),
    contacts: contactSource(graph, userId),
    calendar: calendarSource(graph, userId, clock),
    hasArchive: (signal) => hasArchive(openMailbox(graph, userId), signal),
  };
}
