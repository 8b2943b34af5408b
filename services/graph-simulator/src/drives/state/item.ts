import type { ByteSource } from '../../tenant/source.ts';

/** What an item of a drive is. A shortcut leads to an item of another drive. */
export type ItemType = 'folder' | 'file' | 'package' | 'shortcut';

/** One state of an item; never changed, only replaced by the next. Dates are ISO 8601 in UTC, whole seconds. */
export interface ItemState {
  type: ItemType;
  name: string;
  /** Key of the folder or package that it is in; the root is in itself. */
  parent: number;
  /** Dates of the service. */
  createdAt: string;
  modifiedAt: string;
  /** Dates that clients set: `fileSystemInfo`. */
  fileCreatedAt: string;
  fileModifiedAt: string;
  description: string | null;
  /** Rises with each change; the eTag is made of it. */
  revision: number;
  /** Rises with each change of the content; the cTag is made of it. */
  contentRevision: number;
  /** Of a file. */
  content: ByteSource | null;
  /** Number of the present version, from 1 on; `2.0` is what clients see. */
  version: number;
  /** Versions before the present one, oldest first. */
  older: OlderVersion[];
  /** Described when it was found infected: its content is not given out. */
  malware: string | null;
  /** Its content never comes: an odd OneNote section. */
  unreadable: boolean;
  /** Name of the special folder that it is. */
  special: string | null;
  /** Of a shortcut: where it leads to. */
  target: { drive: number; key: number } | null;
  permissions: PermissionState[];
  /** Whether the permissions of what it is in apply to it too. */
  inherits: boolean;
}

export interface OlderVersion {
  version: number;
  content: ByteSource;
  modifiedAt: string;
}

/** A permission that is set on an item itself. */
export interface PermissionState {
  id: string;
  roles: string[];
  /** Whom it is granted to; null for links. */
  grantedTo: Grantee | null;
  link: LinkState | null;
  expiresAt: string | null;
  hasPassword: boolean;
}

/** A person or group that something is shared with. */
export interface Grantee {
  kind: 'user' | 'group';
  /** Null for people outside of the tenant. */
  id: string | null;
  displayName: string;
  email: string;
}

export interface LinkState {
  type: string;
  scope: string;
  /** For links of the scope `users`. */
  grantees: Grantee[];
}

/** Key of a drive's root. */
export const ROOT = 1;

const ONE_NOTE = /\.(one|onetoc2)$/i;

/** Whether a file is a part of a OneNote notebook: those have no hashes and cannot be written. */
export function isOneNote(name: string): boolean {
  return ONE_NOTE.test(name);
}
