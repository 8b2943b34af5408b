import type { AttachmentToCreate, ItemTarget, RestoreMark } from './item-target.ts';
import type { MessageProperties, Recipient } from './mail-source.ts';

/** PORT: where messages are restored to. */
export interface MailTarget extends ItemTarget {
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
