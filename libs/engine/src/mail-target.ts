import type { MailFolder, MessageProperties, Recipient } from './mail-source.ts';

/**
 * PORT: where messages are restored to. The adapter for Microsoft Graph is `@backhaul/m365`; a twin in memory is in
 * `@backhaul/engine/testing`; both run the same suite. Nothing here ever sends mail.
 */
export interface MailTarget {
  folders(signal: AbortSignal): Promise<MailFolder[]>;

  /** Makes a folder, or returns the one of that name (without regard to case) that is already there. */
  ensureFolder(parentId: string, name: string, options: { hidden: boolean }, signal: AbortSignal): Promise<MailFolder>;

  /** Messages of a folder that carry a mark of this restore; asked before anything is created. */
  findMarked(folderId: string, restoreId: string, signal: AbortSignal): Promise<MarkedMessage[]>;

  /** Messages of a folder with this internetMessageId (or, where it is `''`, with this subject and sent date). */
  findTwins(folderId: string, of: TwinQuery, signal: AbortSignal): Promise<MessageProperties[]>;

  /** MIME of a message that is there, for comparing in the canonical form. */
  mime(messageId: string, signal: AbortSignal): Promise<Uint8Array>;

  /**
   * Creates the message as received (not a draft) with its dates. When the answer is lost the adapter does not repeat
   * the call but throws `unavailable`; the caller looks for the mark.
   */
  create(folderId: string, message: MessageToCreate, signal: AbortSignal): Promise<{ id: string }>;

  /** Adds one attachment; above 3 MB by an upload session. @throws Failure `invalid-input` when Microsoft refuses it. */
  attach(messageId: string, attachment: AttachmentToCreate, signal: AbortSignal): Promise<void>;

  /** Says that the message and all its attachments are there. */
  markComplete(messageId: string, mark: RestoreMark, signal: AbortSignal): Promise<void>;

  /** Removes a half-made message, or one that is to be replaced. Removing what is gone succeeds. */
  remove(messageId: string, signal: AbortSignal): Promise<void>;

  readonly concurrency: number;
}

/** Which restore made a message, of which item, and whether it was finished. */
export interface RestoreMark {
  restoreId: string;
  /** The item's id in the recovery point. */
  itemId: string;
  complete: boolean;
  /** It is complete but for attachments that the target refused. Default: false. */
  lacksAttachments?: boolean;
}

export interface MarkedMessage {
  id: string;
  mark: RestoreMark;
}

export interface TwinQuery {
  internetMessageId: string;
  subject: string;
  sentDateTime: string | null;
}

export interface MessageToCreate {
  subject: string;
  body: { contentType: 'text' | 'html'; content: string };
  from: Recipient | null;
  sender: Recipient | null;
  toRecipients: Recipient[];
  ccRecipients: Recipient[];
  bccRecipients: Recipient[];
  replyTo: Recipient[];
  internetMessageId: string | null;
  sentDateTime: string | null;
  receivedDateTime: string | null;
  isRead: boolean;
  isDraft: boolean;
  importance: string;
  categories: string[];
  flag: { flagStatus: string; [key: string]: unknown };
  extendedProperties: { id: string; value: string }[];
  mark: RestoreMark;
}

export type AttachmentToCreate =
  | {
      kind: 'file';
      name: string;
      contentType: string;
      contentId: string;
      isInline: boolean;
      content: Uint8Array;
    }
  | { kind: 'item'; name: string; message: EmbeddedMessage };

/** A message inside a message. */
export interface EmbeddedMessage {
  subject: string;
  body: { contentType: 'text' | 'html'; content: string };
  from: Recipient | null;
  toRecipients: Recipient[];
  ccRecipients: Recipient[];
  replyTo: Recipient[];
  internetMessageId: string | null;
  sentDateTime: string | null;
  attachments: AttachmentToCreate[];
}
