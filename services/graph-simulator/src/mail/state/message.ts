import type { Rendering } from '../mime/rendering.ts';
import type { ByteSource, TextSource } from '../../tenant/source.ts';

/** A mailbox or person as mail names it. */
export interface Address {
  name: string;
  address: string;
}

export interface Body {
  type: 'text' | 'html';
  source: TextSource;
}

/** What a message says. This structure is the truth; its MIME is rendered from it anew each time. */
export interface MessageContent {
  subject: string | null;
  /** With `<` and `>`. */
  internetMessageId: string | null;
  from: Address | null;
  sender: Address | null;
  to: Address[];
  cc: Address[];
  bcc: Address[];
  replyTo: Address[];
  /** ISO 8601 in UTC, whole seconds. */
  sentAt: string | null;
  body: Body | null;
  attachments: Attachment[];
  rendering: Rendering;
  /** Exactly these bytes are the MIME, instead of a rendering; for messages given as MIME by a test. */
  mime?: ByteSource;
}

export type Attachment = FileAttachment | ItemAttachment | ReferenceAttachment;

export interface FileAttachment {
  kind: 'file';
  /** Unique within the message, never used again. */
  key: number;
  name: string | null;
  contentType: string | null;
  /** Without `<` and `>`. */
  contentId: string | null;
  isInline: boolean;
  bytes: ByteSource;
}

export interface ItemAttachment {
  kind: 'item';
  key: number;
  name: string;
  item: MessageContent;
}

/** A link to a file in the cloud. */
export interface ReferenceAttachment {
  kind: 'reference';
  key: number;
  name: string;
  url: string;
}

/** One state of a message; never changed, only replaced by the next. */
export interface MessageState {
  /** Key of the folder. */
  folder: number;
  content: MessageContent;
  createdAt: string;
  receivedAt: string | null;
  modifiedAt: string;
  isRead: boolean;
  isDraft: boolean;
  importance: 'low' | 'normal' | 'high';
  flag: { flagStatus: 'notFlagged' | 'flagged' | 'complete'; [more: string]: unknown };
  categories: string[];
  inferenceClassification: 'focused' | 'other';
  isDeliveryReceiptRequested: boolean;
  isReadReceiptRequested: boolean;
  /** Rises with each change; the change key is made of it. */
  revision: number;
  /** Rises with each move; the mutable id is made of it. */
  moves: number;
  /** Named and tagged properties as given, by normal form of their id. */
  properties: Record<string, string>;
  /** Key for the next attachment. */
  nextAttachment: number;
}

/** One state of a folder. */
export interface FolderState {
  name: string;
  /** Key of the parent; the root is its own parent. */
  parent: number;
  hidden: boolean;
  wellKnownName: string | null;
  /** Search folders are shown by listings, hold nothing, and are no part of the truth. */
  search: boolean;
}
