export type ChangeKind = 'new' | 'changed' | 'moved' | 'deleted';

export interface ChangeRequest {
  /** Share of each mailbox's messages that each kind touches, in percent (3 = three new, three changed … of a hundred). */
  percent: number;
  /** Default 1. The same seed on the same state makes the same change. */
  seed?: number;
  /** Default: all four. */
  kinds?: ChangeKind[];
  /** Renames one folder, that has messages or folders below it, in each mailbox touched. Default false. */
  renameFolder?: boolean;
  /** User ids or principal names; default: every mailbox with messages. */
  mailboxes?: string[];
}

export interface ChangeReport {
  /** Mark of the state before, and after, the change. */
  markBefore: number;
  markAfter: number;
  /** Ids are immutable ids. */
  new: ChangedMessage[];
  changed: ChangedMessage[];
  moved: ChangedMessage[];
  deleted: ChangedMessage[];
  renamedFolders: { mailbox: string; folderId: string; from: string; to: string }[];
}

export interface ChangedMessage {
  /** User id. */
  mailbox: string;
  id: string;
}

/** One exact edit, for scenarios. Mailbox: user id or principal name. Message ids may be of either form. Folders: id or well-known name. */
export type Edit =
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

export interface EditResult {
  /** Id of the folder or (immutable) of the message the edit was about. */
  id: string;
}

/** A change that waits for the n-th Graph request from now (1 = the next one); it is applied before that request is answered. */
export interface ChangeAtRequest {
  inRequests: number;
  change?: ChangeRequest;
  edits?: Edit[];
}

export interface AppliedChange {
  /** Sequence number, in the log, of the request it was applied before. */
  atRequest: number;
  change: ChangeReport | null;
  edits: EditResult[];
  /** What went wrong, e.g. an edit of a message that was gone by then; null when all was done. */
  error: string | null;
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
