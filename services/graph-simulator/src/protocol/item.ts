/** Something that a change touched. */
export interface ChangedItem {
  /** Id of the user whose mailbox or drive it is in. */
  mailbox: string;
  /** Immutable id. */
  id: string;
}

/** What a change did to the items of one part. */
export interface ItemChanges {
  new: ChangedItem[];
  changed: ChangedItem[];
  moved: ChangedItem[];
  deleted: ChangedItem[];
}

export interface EditResult {
  /** Id of the folder or (immutable) of the item the edit was about. */
  id: string;
}
