import type { MailSource, MessageParts, MessageProperties } from '../src/mail-source.ts';
import type { MailTarget } from '../src/mail-target.ts';

/** Requests whose answer a suite can have lost. */
export type LosableRequest = 'ensureFolder' | 'create' | 'attach' | 'markComplete' | 'remove';

/** What a suite gives of a message; what it leaves out is of no matter to it. */
export type GivenProperties = Pick<
  Partial<MessageProperties>,
  | 'subject'
  | 'from'
  | 'toRecipients'
  | 'ccRecipients'
  | 'bccRecipients'
  | 'replyTo'
  | 'internetMessageId'
  | 'sentDateTime'
  | 'receivedDateTime'
  | 'isRead'
  | 'isDraft'
  | 'importance'
  | 'categories'
  | 'flag'
>;

/**
 * A mailbox with an inbox and without messages, seen by the ports under test, and what its owner and fate do to it. Its
 * methods do not go through the ports.
 */
export interface MailboxUnderTest {
  source: MailSource;
  target: MailTarget;
  /** A folder below another one (`''`: at the top); returns its id. */
  addFolder(parentId: string, name: string, hidden?: boolean): Promise<string>;
  renameFolder(id: string, name: string): Promise<void>;
  moveFolder(id: string, toParentId: string): Promise<void>;
  removeFolder(id: string): Promise<void>;
  /** Puts a message into a folder; returns its id. */
  addMessage(folderId: string, properties?: GivenProperties, content?: Partial<MessageParts>): Promise<string>;
  changeMessage(id: string, change: { subject?: string; isRead?: boolean }): Promise<void>;
  moveMessage(id: string, toFolderId: string): Promise<void>;
  removeMessage(id: string): Promise<void>;
  /** From now on the message cannot be converted to MIME; its parts can be read. */
  breakMime(id: string): Promise<void>;
  /** The next walk gives its list in pages that are smaller than this many entries. */
  givePagesBelow(entries: number): Promise<void>;
  /** Every cursor and page link given out so far is forgotten. */
  expireCursors(): Promise<void>;
  /** The next request of this kind takes effect, and its answer is lost. */
  loseAnswer(of: LosableRequest): Promise<void>;
  /** Mails that have left the mailbox. */
  mailsSent(): Promise<number>;
  close(): Promise<void>;
}

/** Makes a new mailbox for each test. */
export type OpenMailbox = () => Promise<MailboxUnderTest>;
