/**
 * PORT: where the items of one kind are read from. What all kinds have in common stands here; what belongs to an item beside
 * its properties is in the source of each kind: {@link MailSource}, {@link ContactSource}, {@link CalendarSource}. The
 * adapters for Microsoft Graph are in `@backhaul/m365`, twins in memory in `@backhaul/engine/testing`; both run the same
 * suites.
 *
 * All methods throw `Failure`s whose kind and retry advice the adapter has decided; what can be retried within its budget
 * has been retried already. `throttled` means: we would have to wait longer than the task may hold its slot.
 */
export interface ItemSource<P extends ItemProperties> {
  /** Every folder of this kind that items lie in, nested and hidden ones included. */
  folders(signal: AbortSignal): Promise<SourceFolder[]>;

  /**
   * The changes of one folder since `cursor` (null: everything, as ordinary entries), page by page. Only the last page
   * carries the new cursor. An id may come more than once on different pages; the last one counts. What happens during the
   * walk is reported by the next one at the latest.
   * @throws Failure `expired` when the cursor or a page link is no longer known; `not-found` when the folder is gone;
   * `unavailable` when change tracking fails or does not end.
   */
  changes(folderId: string, cursor: string | null, signal: AbortSignal): AsyncIterable<ItemChanges<P>>;

  /**
   * Everything that lies in one folder, without change tracking, page by page. It is complete when it ends without an
   * error, as far as nothing moves meanwhile; an id may come more than once.
   * @throws Failure `not-found` when the folder is gone.
   */
  list(folderId: string, signal: AbortSignal): AsyncIterable<P[]>;

  /** How many calls may be under way at once (Microsoft: 4 per application and mailbox), shared by all kinds. */
  readonly concurrency: number;
}

/** A folder at the source: of mail, of contacts, or a calendar. */
export interface SourceFolder {
  id: string;
  /** `''` for a top folder; calendars have no other. */
  parentId: string;
  name: string;
  /** `inbox`, `contacts`, `calendar` … or null. */
  wellKnownName: string | null;
  hidden: boolean;
  /** How many items lie in it (not below it) by the listing; a hint for progress only. Absent where it is not told. */
  itemCount?: number;
}

/** What is known of every listed item, of whatever kind. */
export interface ItemProperties {
  /** Immutable id: survives moves within the mailbox. */
  id: string;
  /** Alters with every change of the item. */
  changeKey: string;
  parentFolderId?: string | null;
}

/** One page of changes. */
export interface ItemChanges<P extends ItemProperties> {
  changed: P[];
  /** Ids that left the folder since the cursor: deleted, or moved elsewhere. Also of items that came after the cursor. */
  removed: string[];
  /**
   * Ids to transfer again whatever their change key says, because something that belongs to them has changed. They are named
   * before the page that lists them, or on it.
   */
  touched?: string[];
  /** On the last page only. */
  cursor?: string;
  /** On the last page only: the walk has listed everything that is there, so what is stored and was not listed is gone. */
  isWhole?: boolean;
}
