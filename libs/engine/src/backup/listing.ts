import type { ItemChanges, ItemProperties } from '../item-source.ts';

/** What the pages of a walk have told so far; of an id that comes more than once the last mention counts. */
export class Listing {
  cursor: string | null = null;
  /** Everything that is there was listed. */
  isWhole = false;
  /** Ids that were told to be gone. */
  readonly gone = new Set<string>();
  readonly touched = new Set<string>();
  readonly #present = new Set<string>();

  add(page: ItemChanges<ItemProperties>): void {
    for (const { id } of page.changed) {
      this.#present.add(id);
      this.gone.delete(id);
    }
    for (const id of page.removed) {
      this.#present.delete(id);
      this.gone.add(id);
    }
    for (const id of page.touched ?? []) this.touched.add(id);
    this.cursor = page.cursor ?? this.cursor;
    this.isWhole ||= page.isWhole ?? false;
  }

  /** After a walk that has listed everything: ids that are stored and were not listed. */
  async missing(stored: AsyncIterable<{ id: string }>): Promise<string[]> {
    const ids: string[] = [];
    for await (const { id } of stored) if (!this.#present.has(id)) ids.push(id);
    return ids;
  }
}
