import type { CalendarEdit } from './calendar/changes.ts';
import type { ContactsEdit } from './contacts/changes.ts';
import type { DrivesEdit, FileChanges } from './drives/changes.ts';
import type { EditResult, ItemChanges } from './item.ts';
import type { MailChanges, MailEdit } from './mail/changes.ts';
import type { UserPatch } from './users.ts';

/** Not every part has every kind: contacts and events are never `moved`. */
export type ChangeKind = 'new' | 'changed' | 'moved' | 'deleted';

/** What of a tenant a change is about. */
export type ChangePart = 'mail' | 'contacts' | 'calendar' | 'files';

export interface ChangeRequest {
  /** Share of the items that each kind touches, in percent (3 = three new, three changed … of a hundred); of each mailbox or drive. */
  percent: number;
  /** Default 1. The same seed on the same state makes the same change. */
  seed?: number;
  /** Default: mail alone. */
  parts?: ChangePart[];
  /** Default: all four. */
  kinds?: ChangeKind[];
  /** Renames one mail folder, that has messages or folders below it, in each mailbox touched. Default false. */
  renameFolder?: boolean;
  /** User ids or principal names; default: every mailbox with messages, contacts or events, every drive with files. */
  mailboxes?: string[];
}

/** The lists of {@link MailChanges} are those of mail; other parts have their own. Empty for parts that were not asked for. */
export interface ChangeReport extends MailChanges {
  /** Mark of the state before, and after, the change. */
  markBefore: number;
  markAfter: number;
  contacts: ItemChanges;
  calendar: ItemChanges;
  files: FileChanges;
}

/** One exact edit, for scenarios. Mailbox: user id or principal name. */
export type Edit = MailEdit | ContactsEdit | CalendarEdit | DrivesEdit | UserEdit;

/** What the administrator of the tenant does to a user. */
export type UserEdit = { do: 'update-user'; mailbox: string; set: UserPatch };

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
