export type UserKind = 'user' | 'shared' | 'room' | 'equipment' | 'guest' | 'no-mailbox';

/**
 * - `missing`: 404 ResourceNotFound
 * - `inactive`, e.g. soft-deleted or on-premise: 404 MailboxNotEnabledForRESTAPI
 * - `unlicensed`: the same, some time after the licence was removed; the directory shows no plan any more
 * - `unsupported`: 404 MailboxNotSupportedForRESTAPI
 * - `denied` by an access policy: 403 ErrorAccessDenied
 * - `over-quota`: readable, writes fail with ErrorQuotaExceeded
 */
export type MailboxState = 'active' | 'missing' | 'inactive' | 'unlicensed' | 'unsupported' | 'denied' | 'over-quota';

export interface SimulatedUser {
  id: string;
  userPrincipalName: string;
  displayName: string;
  kind: UserKind;
  accountEnabled: boolean;
  mailboxState: MailboxState;
  /** When it was deleted, ISO 8601; null while it is there. */
  deletedAt: string | null;
  hasArchive: boolean;
  /** Messages in all folders, hidden ones included; 0 without a mailbox. */
  messages: number;
  folders: number;
  /** Null for users without a drive. */
  driveId: string | null;
}

export interface NewUser {
  /** Default: made from a counter. */
  displayName?: string;
  /** Default: made from the display name. */
  userPrincipalName?: string;
  /** Default `user`: an empty mailbox with the well-known folders. */
  kind?: UserKind;
  /** Language of the folder names, e.g. `en`, `de`, `fr`, `ja`; default `en`. */
  language?: string;
}

export interface UserPatch {
  displayName?: string;
  /** The mail address follows it. */
  userPrincipalName?: string;
  accountEnabled?: boolean;
  mailboxState?: MailboxState;
  /** Whether the mailbox has an in-place archive, which mail requests do not show. */
  hasArchive?: boolean;
  /** True: it goes to the deleted items of the directory, and its mailbox cannot be reached; false: it comes back. */
  deleted?: boolean;
}
