import type { FolderState, MessageState } from './message.ts';

/** What happens to mail; a state of null means that it is gone. */
export type MailEvent =
  | { do: 'folder'; mailbox: number; key: number; state: FolderState | null }
  | { do: 'message'; mailbox: number; key: number; state: MessageState | null };
