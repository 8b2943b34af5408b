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

export interface FolderEntry extends EntryKey {
  type: 'folder';
  containerId: '';
  /** `''` for a top folder. */
  parentId: string;
  name: string;
  /** Microsoft's well-known name (`inbox` …), or null. */
  wellKnownName: string | null;
  hidden: boolean;
}

export interface ItemEntry extends EntryKey {
  type: 'item';
  kind: 'message';
  /** The source's own mark of a version; equal means unchanged. */
  changeKey: string;
  subject: string;
  /** Display form of the sender, e.g. `Ada <ada@example.com>`. */
  from: string;
  /** ISO 8601 UTC, or `''`. */
  receivedAt: string;
  /** Bytes of all parts. */
  size: number;
  isRead: boolean;
  hasAttachments: boolean;
  /** By name, e.g. `mime` and `properties`. */
  parts: PartRef[];
}

/** What an item consists of, as the caller hands it in. */
export interface PartContent {
  /** `mime`, `properties`, `attachment-0` … unique within the item. */
  name: string;
  /** `mime` lets the repository store attachments as chunks of their own; the bytes read back are the same in every form. */
  format: 'mime' | 'bytes';
  content: Uint8Array;
}

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
