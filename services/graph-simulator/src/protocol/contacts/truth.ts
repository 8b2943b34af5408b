import type { CanonicalAddress } from '../mail/truth.ts';

/** The contacts of a mailbox, now or at a mark. */
export interface ContactsTruth {
  /** User id. */
  mailbox: string;
  userPrincipalName: string;
  mark: number;
  /** Parents come before children; the first is the default folder. */
  folders: ContactFolderTruth[];
  contacts: ContactTruth[];
}

export interface ContactFolderTruth {
  id: string;
  /** Null at the top. */
  parentId: string | null;
  path: string[];
  /** Whether it is the folder that every mailbox has. */
  isDefault: boolean;
}

export interface ContactTruth {
  /** Immutable id. */
  id: string;
  folderId: string;
  changeKey: string;
  canonicalHash: string;
  canonical?: CanonicalContact;
  /** SHA-256 in lower-case hex; null without a photo. */
  photoSha256: string | null;
}

/** See `docs/canonical-form.md`. */
export interface CanonicalContact {
  folderPath: string[];
  /** Only fields that have a value, in the order of the document. */
  fields: Record<string, string | string[] | CanonicalAddress[] | Record<string, string>>;
  photo: string | null;
}
