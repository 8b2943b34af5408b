import type { MailboxSources } from '../src/backup/mailbox-sources.ts';
import { fakeCalendarSource } from './fake-calendar-source.ts';
import { fakeContactSource } from './fake-contact-source.ts';
import { fakeMailSource } from './fake-mail-source.ts';
import type { FakeMailbox } from './fake-mailbox.ts';

/** The mailbox as a backup reads it. */
export function fakeMailboxSources(mailbox: FakeMailbox): MailboxSources {
  return {
    mail: fakeMailSource(mailbox),
    contacts: fakeContactSource(mailbox),
    calendar: fakeCalendarSource(mailbox),
    hasArchive: (signal) => mailbox.answer('hasArchive', '', signal, () => mailbox.hasArchive),
  };
}
