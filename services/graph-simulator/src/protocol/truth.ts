export interface TruthRequest {
  /** User id or principal name. */
  mailbox: string;
  /** A mark; default: now. */
  mark?: number;
  /** Default true: each item with its canonical form (bodies included); false: hashes only, much smaller. */
  forms?: boolean;
  /** Of mail alone. Default false; true: the folders of recoverable items belong to it, as hidden ones at the top. */
  recoverable?: boolean;
}
