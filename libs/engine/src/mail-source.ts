/**
 * PORT: where a mailbox is read from. The adapter for Microsoft Graph is `@backhaul/m365`; a twin in memory is in
 * `@backhaul/engine/testing`; both run the same suite.
 *
 * All methods throw `Failure`s whose kind and retry advice the adapter has decided; what can be retried within its budget
 * has been retried already. `throttled` means: we would have to wait longer than the task may hold its slot.
 */
export interface MailSource {
  /** Every mail folder, nested and hidden ones included; search folders are left out. */
  folders(signal: AbortSignal): Promise<MailFolder[]>;

  /**
   * The changes of one folder since `cursor` (null: everything, as ordinary entries), page by page. Only the last page
   * carries the new cursor. An id may come more than once on different pages; the last one counts. What happens during the
   * walk is reported by the next one at the latest.
   * @throws Failure `expired` when the cursor or a page link is no longer known; `not-found` when the folder is gone.
   */
  changes(folderId: string, cursor: string | null, signal: AbortSignal): AsyncIterable<MessageChanges>;

  /**
   * A message's MIME stream as Microsoft delivers it in this fetch.
   * @throws Failure `not-found` when it is gone meanwhile; `unreadable` when Microsoft cannot deliver it.
   */
  mime(messageId: string, signal: AbortSignal): Promise<Uint8Array>;

  /** For messages whose MIME is `unreadable`: JSON with body, and each attachment raw. */
  parts(messageId: string, signal: AbortSignal): Promise<MessageParts>;

  /** How many calls may be under way at once (Microsoft: 4 per application and mailbox). */
  readonly concurrency: number;
}

export interface MailFolder {
  id: string;
  /** `''` for a top folder. */
  parentId: string;
  name: string;
  /** `inbox`, `sentitems` … or null. */
  wellKnownName: string | null;
  hidden: boolean;
  /** How many messages lie in it (not below it) by the listing; a hint for progress only. Absent where it is not told. */
  messageCount?: number;
}

export interface MessageChanges {
  changed: MessageProperties[];
  /** Ids that left the folder since the cursor: deleted, or moved elsewhere. Also of messages that came after the cursor. */
  removed: string[];
  /** On the last page only. */
  cursor?: string;
}

/** The JSON of a message without its body: the fields of {@link MESSAGE_FIELDS} as Microsoft gave them. */
export interface MessageProperties {
  /** Immutable id: survives moves within the mailbox. */
  id: string;
  changeKey: string;
  parentFolderId: string;
  internetMessageId?: string | null;
  subject?: string | null;
  from?: Recipient | null;
  sender?: Recipient | null;
  toRecipients?: Recipient[] | null;
  ccRecipients?: Recipient[] | null;
  bccRecipients?: Recipient[] | null;
  replyTo?: Recipient[] | null;
  receivedDateTime?: string | null;
  sentDateTime?: string | null;
  createdDateTime?: string | null;
  lastModifiedDateTime?: string | null;
  isRead?: boolean | null;
  isDraft?: boolean | null;
  importance?: string | null;
  categories?: string[] | null;
  flag?: { flagStatus?: string | null; [key: string]: unknown } | null;
  conversationId?: string | null;
  conversationIndex?: string | null;
  hasAttachments?: boolean | null;
  inferenceClassification?: string | null;
  isDeliveryReceiptRequested?: boolean | null;
  isReadReceiptRequested?: boolean | null;
  webLink?: string | null;
  /** Extended properties needed to restore, as `{ id, value }`. */
  singleValueExtendedProperties?: { id: string; value: string }[] | null;
}

export interface Recipient {
  emailAddress?: { name?: string | null; address?: string | null } | null;
}

/** What is asked for and stored of every message besides its MIME; a change of this list changes the cursor's scope. */
export const MESSAGE_FIELDS = [
  'id',
  'changeKey',
  'parentFolderId',
  'internetMessageId',
  'subject',
  'from',
  'sender',
  'toRecipients',
  'ccRecipients',
  'bccRecipients',
  'replyTo',
  'receivedDateTime',
  'sentDateTime',
  'createdDateTime',
  'lastModifiedDateTime',
  'isRead',
  'isDraft',
  'importance',
  'categories',
  'flag',
  'conversationId',
  'conversationIndex',
  'hasAttachments',
  'inferenceClassification',
  'isDeliveryReceiptRequested',
  'isReadReceiptRequested',
] as const;

/** A message that cannot be had as MIME. */
export interface MessageParts {
  body: { contentType: 'text' | 'html'; content: string };
  attachments: SourceAttachment[];
}

export interface SourceAttachment {
  kind: 'file' | 'item' | 'reference';
  name: string;
  contentType: string;
  /** Without `<` and `>`; `''` when there is none. */
  contentId: string;
  isInline: boolean;
  /** Raw bytes; of an item its MIME; empty for a reference. */
  content: Uint8Array;
}
