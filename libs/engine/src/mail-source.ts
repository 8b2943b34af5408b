import type { FailureRecord } from '@backhaul/domain';
import type { ItemChanges, ItemProperties, ItemSource } from './item-source.ts';

/** PORT: where a mailbox's mail is read from. Search folders are no folders: what they show lies elsewhere. */
export interface MailSource extends ItemSource<MessageProperties> {
  /**
   * A message's MIME stream as Microsoft delivers it in this fetch.
   * @throws Failure `not-found` when it is gone meanwhile; `unreadable` when Microsoft cannot deliver it.
   */
  mime(messageId: string, signal: AbortSignal): Promise<Uint8Array>;

  /** For messages whose MIME is `unreadable`: JSON with body, and each attachment raw. */
  parts(messageId: string, signal: AbortSignal): Promise<MessageParts>;
}

/** One page of changes of a mail folder. */
export type MessageChanges = ItemChanges<MessageProperties>;

/** The JSON of a message without its body: the fields of {@link MESSAGE_FIELDS} as Microsoft gave them. */
export interface MessageProperties extends ItemProperties {
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

/** What is attached to a message or an event. */
export interface SourceAttachment {
  kind: 'file' | 'item' | 'reference';
  name: string;
  contentType: string;
  /** Without `<` and `>`; `''` when there is none. */
  contentId: string;
  isInline: boolean;
  /** Raw bytes; of an item its MIME (of an event iCalendar, of a contact vCard); empty for a reference. */
  content: Uint8Array;
  /** Why the bytes could not be read; then `content` is empty. The item is stored without them, and tried again later. */
  unread?: FailureRecord;
}
