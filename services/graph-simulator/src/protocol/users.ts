export type UserKind = 'user' | 'shared' | 'room' | 'guest' | 'no-mailbox';

/** `missing`: 404 ResourceNotFound; `inactive`: 404 MailboxNotEnabledForRESTAPI; `denied`: 403 ErrorAccessDenied (access policy); `over-quota`: readable, writes fail with ErrorQuotaExceeded. */
export type MailboxState = 'active' | 'missing' | 'inactive' | 'denied' | 'over-quota';

export interface SimulatedUser {
  id: string;
  userPrincipalName: string;
  displayName: string;
  kind: UserKind;
  accountEnabled: boolean;
  mailboxState: MailboxState;
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
  accountEnabled?: boolean;
  mailboxState?: MailboxState;
}
