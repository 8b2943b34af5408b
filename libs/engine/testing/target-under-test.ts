import type { CalendarTarget } from '../src/calendar-target.ts';
import type { ContactTarget } from '../src/contact-target.ts';

/** Requests whose answer a suite can have lost. */
export type LosableTargetRequest = 'ensureFolder' | 'create' | 'attach' | 'markComplete' | 'remove';

/** An empty mailbox seen by one of its targets, and what fate does to it. */
export interface TargetUnderTest<T> {
  target: T;
  /** The next request of this kind takes effect, and its answer is lost. */
  loseAnswer(of: LosableTargetRequest): Promise<void>;
  /** Mails and invitations that have left the mailbox. */
  sent(): Promise<number>;
  close(): Promise<void>;
}

export type OpenContactTarget = () => Promise<TargetUnderTest<ContactTarget>>;
export type OpenCalendarTarget = () => Promise<TargetUnderTest<CalendarTarget>>;
