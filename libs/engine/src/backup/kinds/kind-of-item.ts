import type { FailureRecord, ItemKind } from '@backhaul/domain';
import type { ItemListing, PartContent } from '@backhaul/repository';
import type { ItemProperties, ItemSource } from '../../item-source.ts';

/**
 * What the backup must know of one kind of items; all kinds are read by the same code.
 *
 * A kind is handed only properties that came from its own source. That is why one with any properties may stand for it
 * (methods, unlike functions, allow this).
 */
export interface KindOfItem<P extends ItemProperties = ItemProperties> {
  readonly kind: ItemKind;
  readonly source: ItemSource<P>;
  /** What is asked for in lists; cursors made with another list of fields are not used. */
  readonly fields: readonly string[];
  /** What a point lists of an item. */
  listing(properties: P, containerId: string): ItemListing;
  /**
   * Reads an item whole.
   * @throws Failure `not-found` when it is gone meanwhile, and why it cannot be read.
   */
  fetch(properties: P, ask: Ask): Promise<FetchedItem>;
  /** True when something that belongs to the item can change without its change key. */
  mayHideChanges(properties: P): boolean;
}

/** Makes one request to the source when its turn has come. */
export type Ask = <T>(request: (signal: AbortSignal) => Promise<T>) => Promise<T>;

/** An item as it was read. */
export interface FetchedItem {
  /** As of the reading, which may be later than the list. */
  properties: ItemProperties;
  parts: PartContent[];
  /** Why some of it is missing, or null. */
  lacks: FailureRecord | null;
}
