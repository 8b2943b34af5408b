import type { Language } from '../generate/languages.ts';

export interface UserRecord {
  id: string;
  userPrincipalName: string;
  displayName: string;
  givenName: string | null;
  surname: string | null;
  mail: string | null;
  kind: 'user' | 'shared' | 'room' | 'guest' | 'no-mailbox';
  accountEnabled: boolean;
  mailboxState: 'active' | 'missing' | 'inactive' | 'denied' | 'over-quota';
  language: Language;
  /** Number of the mailbox, unique in the tenant; null without one. */
  mailbox: number | null;
}
