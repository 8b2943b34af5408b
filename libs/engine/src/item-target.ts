import type { SourceFolder } from './item-source.ts';
import type { Recipient } from './mail-source.ts';

/**
 * PORT: where items of one kind are restored to. What all kinds have in common stands here; creating, finding and reading
 * back is in the target of each kind: {@link MailTarget}, {@link ContactTarget}, {@link CalendarTarget}. The adapters for
 * Microsoft Graph are in `@backhaul/m365`, twins in memory in `@backhaul/engine/testing`; both run the same suites. Nothing
 * here ever sends a mail or an invitation.
 *
 * Failures are as at the sources. `invalid-input` means that Microsoft refuses what was asked for, whoever asks.
 */
export interface ItemTarget {
  /** Every folder (of a calendar target: calendar) that items could lie in, hidden and read-only ones included. */
  folders(signal: AbortSignal): Promise<PlaceFound[]>;

  /**
   * Makes a folder, or returns the one of that name (without regard to case) that is already there.
   * @param parentId `''` for a top folder; calendars have no other
   */
  ensureFolder(parentId: string, name: string, options: { hidden: boolean }, signal: AbortSignal): Promise<PlaceFound>;

  /** Items of a folder that carry a mark of this restore; asked before anything is created. */
  findMarked(folderId: string, restoreId: string, signal: AbortSignal): Promise<MarkedItem[]>;

  /** Says that the item and all that belongs to it are there. */
  markComplete(itemId: string, mark: RestoreMark, signal: AbortSignal): Promise<void>;

  /** Removes a half-made item, or one that is to be replaced, for good. Removing what is gone succeeds. */
  remove(itemId: string, signal: AbortSignal): Promise<void>;

  /** How many calls may be under way at once (Microsoft: 4 per application and mailbox), shared by all kinds. */
  readonly concurrency: number;
}

/** A folder as it is found in the target. */
export interface PlaceFound extends SourceFolder {
  /** Nobody can create items in it, e.g. a calendar of birthdays. Default: false. */
  isReadOnly?: boolean;
}

/** Which restore made an item, of which item of the point, and whether it was finished. */
export interface RestoreMark {
  restoreId: string;
  /** The item's id in the recovery point. */
  itemId: string;
  complete: boolean;
  /** It is complete but for something that the target refused. Default: false. */
  isReduced?: boolean;
}

export interface MarkedItem {
  id: string;
  mark: RestoreMark;
}

/** What is attached to a message or an event. */
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

/** A message inside another item. */
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
