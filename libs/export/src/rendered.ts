/** An item in a file format of its own. */
export interface Rendered {
  /** All of it, or piece by piece what is too large for that. */
  content: Uint8Array | AsyncIterable<Uint8Array>;
  /** What the format cannot hold of this item, a sentence each; empty when nothing is lost. */
  losses: string[];
}
