import { Failure } from '@backhaul/domain';
import { fakeCalendarTarget } from './fake-calendar-target.ts';
import { fakeContactTarget } from './fake-contact-target.ts';
import { FakeMailbox } from './fake-mailbox.ts';
import type { OpenCalendarTarget, OpenContactTarget, TargetUnderTest } from './target-under-test.ts';

/** The contacts of a mailbox in memory, for their suite. */
export const fakeContactTargetUnderTest: OpenContactTarget = async () => underTest(fakeContactTarget);

/** The calendars of a mailbox in memory, for their suite. */
export const fakeCalendarTargetUnderTest: OpenCalendarTarget = async () => underTest(fakeCalendarTarget);

function underTest<T>(open: (mailbox: FakeMailbox) => T): TargetUnderTest<T> {
  const mailbox = new FakeMailbox();
  mailbox.contacts.addFolder({ id: 'contacts', name: 'Contacts', wellKnownName: 'contacts' });
  mailbox.calendar.addFolder({ id: 'calendar', name: 'Calendar', wellKnownName: 'calendar' });
  return {
    target: open(mailbox),
    loseAnswer: async (on) => mailbox.plan({ on, answerLost: true, failure: answerLost() }),
    sent: async () => 0,
    close: async () => undefined,
  };
}

function answerLost(): Failure {
  return new Failure('unavailable', { code: 'fake.answer-lost', message: 'The answer was lost.', retry: 'later' });
}
