/** One exact edit of contacts. Contact ids may be of either form; folders are named by id, the default one also `contacts`. */
export type ContactsEdit =
  | { do: 'add-contact-folder'; mailbox: string; displayName: string; parent?: string }
  | { do: 'rename-contact-folder'; mailbox: string; folder: string; displayName: string }
  | { do: 'move-contact-folder'; mailbox: string; folder: string; to: string | null }
  | { do: 'delete-contact-folder'; mailbox: string; folder: string }
  /** Fields by Graph's names, as in a PATCH. */
  | { do: 'update-contact'; mailbox: string; contact: string; set: Record<string, unknown> }
  | { do: 'set-contact-photo'; mailbox: string; contact: string; photoBase64: string | null }
  | { do: 'move-contact'; mailbox: string; contact: string; to: string }
  | { do: 'delete-contact'; mailbox: string; contact: string };

/** A contact as a test wants it. */
export interface NewContact {
  mailbox: string;
  /** Folder id; default: the default folder. */
  folder?: string;
  /** Graph JSON, as for POST …/contacts. */
  contact: Record<string, unknown>;
  /** Bytes of its photo in base64; default: none. */
  photoBase64?: string;
}
