import type { ItemChanges } from '../item.ts';

/** What a change did to mail. */
export interface MailChanges extends ItemChanges {
  renamedFolders: { mailbox: string; folderId: string; from: string; to: string }[];
}

/** One exact edit of mail. Message ids may be of either form; folders are named by id or well-known name. */
export type MailEdit =
  | { do: 'add-folder'; mailbox: string; parent: string; displayName: string; hidden?: boolean }
  | { do: 'rename-folder'; mailbox: string; folder: string; displayName: string }
  | { do: 'move-folder'; mailbox: string; folder: string; to: string }
  | { do: 'delete-folder'; mailbox: string; folder: string }
  | { do: 'update-message'; mailbox: string; message: string; set: MessageEdit }
  | { do: 'move-message'; mailbox: string; message: string; to: string }
  | { do: 'delete-message'; mailbox: string; message: string };

export interface MessageEdit {
  subject?: string;
  isRead?: boolean;
  importance?: 'low' | 'normal' | 'high';
  categories?: string[];
  flag?: 'notFlagged' | 'flagged' | 'complete';
}

/** A message as a test wants it: either Graph JSON (as for POST …/messages) or MIME. */
export interface NewMessage {
  mailbox: string;
  /** Folder id or well-known name; default `inbox`. */
  folder?: string;
  /** Graph JSON; attachments of all three kinds may be given inline; it is no draft unless `isDraft` says so, and `sentDateTime`/`receivedDateTime` are kept. */
  message?: Record<string, unknown>;
  /** A MIME text, base64 of its bytes. `$value` returns exactly these bytes. */
  mimeBase64?: string;
}
