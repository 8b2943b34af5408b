export interface MailboxTruth {
  mailbox: string;
  userPrincipalName: string;
  mark: number;
  /** Every folder but search folders, hidden ones included; parents come before children. */
  folders: FolderTruth[];
  messages: MessageTruth[];
}

export interface FolderTruth {
  id: string;
  /** `null` for the children of the root. */
  parentId: string | null;
  path: string[];
  hidden: boolean;
  wellKnownName: string | null;
}

export interface MessageTruth {
  /** Immutable id. */
  id: string;
  folderId: string;
  changeKey: string;
  isDraft: boolean;
  /** `null` for messages given as raw MIME: their bytes are the truth. */
  canonicalHash: string | null;
  canonical?: CanonicalMessage | null;
  /** SHA-256 of the raw MIME for messages given as raw MIME, else null. */
  mimeSha256: string | null;
  /** In the order in which the message holds them. */
  attachments: { kind: 'file' | 'item' | 'reference'; name: string; size: number; sha256: string | null }[];
}

/** See `docs/canonical-form.md`. */
export interface CanonicalMessage {
  folderPath: string[];
  internetMessageId: string;
  subject: string;
  from: CanonicalAddress | null;
  to: CanonicalAddress[];
  cc: CanonicalAddress[];
  bcc: CanonicalAddress[];
  replyTo: CanonicalAddress[];
  sentAt: string | null;
  receivedAt: string | null;
  isRead: boolean;
  importance: string;
  flag: string;
  categories: string[];
  body: { type: 'text' | 'html'; text: string };
  attachments: CanonicalAttachment[];
}

export interface CanonicalAddress {
  name: string;
  address: string;
}

export type CanonicalAttachment =
  | {
      kind: 'file';
      name: string;
      contentType: string;
      contentId: string;
      isInline: boolean;
      sha256: string;
    }
  | { kind: 'item'; name: string; item: CanonicalItem }
  | { kind: 'reference'; name: string };

export type CanonicalItem = Omit<
  CanonicalMessage,
  'folderPath' | 'isRead' | 'flag' | 'categories' | 'importance' | 'receivedAt' | 'bcc'
>;
