import type { ItemKind } from '@backhaul/domain';

/**
 * An entry of a point's tree: a folder or an item. Entries are ordered by (containerId, id); folders lie in the container
 * `''`. What is here can be listed and searched without reading content.
 */
export type Entry = FolderEntry | ItemEntry;

export interface EntryKey {
  /** Folder the item lies in; `''` for folders themselves. */
  containerId: string;
  id: string;
}

/** A mail folder, a contact folder, a calendar, or a folder of a drive. */
export interface FolderEntry extends EntryKey {
  type: 'folder';
  containerId: '';
  /** What its items are. */
  kind: ItemKind;
  /** `''` for a top folder. */
  parentId: string;
  name: string;
  /** Microsoft's well-known name (`inbox` …), or null. */
  wellKnownName: string | null;
  hidden: boolean;
  /** What is stored of the folder itself, e.g. its permissions; often nothing. */
  parts: PartRef[];
}

/** An item of any kind. */
export type ItemEntry = MessageEntry | ContactEntry | EventEntry | FileEntry;

/** What all items have. */
interface StoredItem extends EntryKey {
  type: 'item';
  /** The source's own mark of a version; equal means unchanged. */
  changeKey: string;
  /** Bytes of all parts. */
  size: number;
  /** By name, e.g. `mime` and `properties`. */
  parts: PartRef[];
}

export interface MessageEntry extends StoredItem {
  kind: 'message';
  subject: string;
  /** Display form of the sender, e.g. `Ada <ada@example.com>`. */
  from: string;
  /** ISO 8601 UTC, or `''`. */
  receivedAt: string;
  isRead: boolean;
  hasAttachments: boolean;
}

export interface ContactEntry extends StoredItem {
  kind: 'contact';
  /** As it is displayed. */
  name: string;
  /** The first mail address, or `''`. */
  address: string;
  company: string;
}

/** A single event, or a whole series with its exceptions. */
export interface EventEntry extends StoredItem {
  kind: 'event';
  subject: string;
  /** Display form of the organizer. */
  organizer: string;
  /** Start and end (of a series: of its first occurrence), ISO 8601 UTC, or `''`. */
  startsAt: string;
  endsAt: string;
  isSeries: boolean;
  hasAttachments: boolean;
}

export interface FileEntry extends StoredItem {
  kind: 'file';
  name: string;
  /** By the file's owner, not by the service; ISO 8601 UTC, or `''`. */
  createdAt: string;
  modifiedAt: string;
  /** Microsoft's hash of the content (quickXorHash, base64), or `''` where it gives none. */
  contentHash: string;
}

/** What is listed of an item before its content is stored. */
export type ItemListing = Listed<ItemEntry>;
type Listed<T> = T extends ItemEntry ? Omit<T, 'parts' | 'size'> : never;

/** What is listed of a folder before its content is stored. */
export type FolderListing = Omit<FolderEntry, 'parts'>;

/** What an item consists of, as the caller hands it in. */
export interface PartContent {
  /** `mime`, `properties`, `attachment-0` … unique within the item. */
  name: string;
  /** `mime` lets the repository store attachments as chunks of their own; the bytes read back are the same in every form. */
  format: 'mime' | 'bytes';
  /**
   * The bytes, or for content of any length pieces of them as they arrive (only with the format `bytes`); what the stream
   * throws ends the put, and nothing of it is listed.
   */
  content: Uint8Array | AsyncIterable<Uint8Array>;
}

/** A part that is stored already and stays as it is, under its name. */
export interface KeptPart {
  kept: PartRef;
}

/** A part of an item or folder that is stored: new content, or what is there. */
export type PartToStore = PartContent | KeptPart;

/** A stored part: its length, its plain-text hash and, opaque to callers, where its bytes are. */
export interface PartRef {
  name: string;
  /** Bytes. */
  length: number;
  /** SHA-256 of the bytes, lower-case hex; verified at every read. */
  sha256: string;
  /** How the bytes are put together again; made and understood by the repository alone. */
  recipe: unknown;
}
