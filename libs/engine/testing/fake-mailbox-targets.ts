import type { MailboxTargets } from '../src/restore/restore-mailbox.ts';
import { fakeCalendarTarget } from './fake-calendar-target.ts';
import { fakeContactTarget } from './fake-contact-target.ts';
import { fakeMailTarget } from './fake-mail-target.ts';
import type { FakeMailbox } from './fake-mailbox.ts';

/** The mailbox as a restore writes it. @param readOnly calendars that take no events */
export function fakeMailboxTargets(mailbox: FakeMailbox, readOnly: readonly string[] = []): MailboxTargets {
  return {
    mail: fakeMailTarget(mailbox),
    contacts: fakeContactTarget(mailbox),
    calendar: fakeCalendarTarget(mailbox, readOnly),
  };
}
