import type { BackupWork } from '@backhaul/domain';
import type { CalendarSource } from '../calendar-source.ts';
import type { ContactSource } from '../contact-source.ts';
import type { MailSource } from '../mail-source.ts';
import { calendarKind } from './kinds/calendar-kind.ts';
import { contactsKind } from './kinds/contacts-kind.ts';
import type { KindOfItem } from './kinds/kind-of-item.ts';
import { mailKind } from './kinds/mail-kind.ts';

/** Everything a mailbox is read from. */
export interface MailboxSources {
  mail: MailSource;
  contacts: ContactSource;
  calendar: CalendarSource;
  /**
   * Whether the mailbox has an in-place archive, which these sources do not reach; null where nobody may know.
   * @throws Failure what concerns the whole mailbox or the connection
   */
  hasArchive(signal: AbortSignal): Promise<boolean | null>;
}

/** The kinds that the work selects, mail first: it is what is missed most. */
export function selectedKinds(sources: MailboxSources, work: Pick<BackupWork, 'kinds'>): KindOfItem[] {
  const kinds: KindOfItem[] = [mailKind(sources.mail), contactsKind(sources.contacts), calendarKind(sources.calendar)];
  return kinds.filter(({ kind }) => work.kinds.includes(kind));
}
