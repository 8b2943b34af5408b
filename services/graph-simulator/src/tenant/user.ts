import type { Language } from '../generate/languages.ts';
import type { MailboxState, UserKind } from '../protocol/users.ts';

export interface UserRecord {
  id: string;
  userPrincipalName: string;
  displayName: string;
  givenName: string | null;
  surname: string | null;
  mail: string | null;
  kind: UserKind;
  accountEnabled: boolean;
  mailboxState: MailboxState;
  language: Language;
  /** When it was deleted, ISO 8601; null while it is there. */
  deletedAt: string | null;
  /** Whether the mailbox has an in-place archive. */
  hasArchive: boolean;
  /** Number of the mailbox, unique in the tenant; null without one. */
  mailbox: number | null;
}
