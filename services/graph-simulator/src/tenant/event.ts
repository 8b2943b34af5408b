import type { SimulatorSettings } from '../protocol/settings.ts';
import type { CalendarEvent } from '../calendar/state/event.ts';
import type { ContactsEvent } from '../contacts/state/event.ts';
import type { DrivesEvent } from '../drives/state/event.ts';
import type { MailEvent } from '../mail/state/event.ts';
import type { UserRecord } from './user.ts';

/**
 * What the journal holds: each line is one event, and its place is its number in the tenant's sequence. States are whole:
 * applying an event needs nothing but the event.
 */
export type TenantEvent =
  | MailEvent
  | ContactsEvent
  | CalendarEvent
  | DrivesEvent
  | { do: 'user'; user: UserRecord }
  | { do: 'application'; application: ApplicationRecord }
  | { do: 'settings'; settings: SimulatorSettings }
  | { do: 'upload'; id: string; session: UploadSession | null }
  | { do: 'sent'; what: 'mails' | 'invitations' }
  | { do: 'expire-links'; mailbox: number | null }
  | { do: 'revoke-tokens'; before: number };

/** An application that is registered in the tenant. */
export interface ApplicationRecord {
  clientId: string;
  displayName: string;
  /** Application permissions that are granted. */
  roles: string[];
  enabled: boolean;
  secrets: { value: string; expired: boolean }[];
  /** Certificates in PEM. */
  certificates: string[];
}

/** What an uploaded attachment will hang on. */
export interface UploadTarget {
  kind: 'message' | 'event';
  key: number;
  /** Of an exception of a series: the day it replaces; 0 for everything else. */
  day: number;
}

/** A large attachment on its way; `pieces` are in the content file. */
export interface UploadSession {
  /** Client id of the application that asked for it. */
  app: string;
  mailbox: number;
  target: UploadTarget;
  name: string;
  contentType: string | null;
  contentId: string | null;
  isInline: boolean;
  size: number;
  pieces: { offset: number; size: number }[];
  expires: number;
}
