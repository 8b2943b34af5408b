import type { ContactFolderState, ContactState } from './contact.ts';

/** What happens to contacts; a state of null means that it is gone. */
export type ContactsEvent =
  | { do: 'contact-folder'; mailbox: number; key: number; state: ContactFolderState | null }
  | { do: 'contact'; mailbox: number; key: number; state: ContactState | null };
