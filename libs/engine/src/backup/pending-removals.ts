/** A removal that has been reported and has not taken effect. */
export interface PendingRemoval {
  containerId: string;
  itemId: string;
  /** The round of the report that counts. */
  round: number;
}

/**
 * Removals wait here until it is known whether they are deletions or one half of a move: until the item has been seen
 * elsewhere, or every other container has been read once more since the report.
 */
export class PendingRemovals {
  readonly #items = new Map<string, Map<string, number>>();
  readonly #containers = new Map<string, number>();

  /** An item was reported as gone from a container, by a notice of that one event; the last report counts. */
  report(containerId: string, itemId: string, round: number): void {
    const places = this.#items.get(itemId) ?? new Map<string, number>();
    places.set(containerId, round);
    this.#items.set(itemId, places);
  }

  /**
   * An item that is stored was not in a list of the whole container. Every later list says the same of an item that is gone,
   * and nothing new: the first report counts.
   */
  reportMissing(containerId: string, itemId: string, round: number): void {
    if (!this.has(containerId, itemId)) this.report(containerId, itemId, round);
  }

  /** The item is (again) in the container, or its removal has taken effect. */
  withdraw(containerId: string, itemId: string): void {
    const places = this.#items.get(itemId);
    places?.delete(containerId);
    if (places?.size === 0) this.#items.delete(itemId);
  }

  has(containerId: string, itemId: string): boolean {
    return this.#items.get(itemId)?.has(containerId) ?? false;
  }

  /** The containers an item has been reported gone from. */
  containersWithout(itemId: string): string[] {
    return [...(this.#items.get(itemId)?.keys() ?? [])];
  }

  /** A container is no longer listed; the first report counts. */
  reportContainer(containerId: string, round: number): void {
    if (!this.#containers.has(containerId)) this.#containers.set(containerId, round);
  }

  /** The container is listed again, or its removal has taken effect. */
  withdrawContainer(containerId: string): void {
    this.#containers.delete(containerId);
  }

  get items(): PendingRemoval[] {
    return [...this.#items].flatMap(([itemId, places]) =>
      [...places].map(([containerId, round]) => ({ containerId, itemId, round })),
    );
  }

  get containers(): { containerId: string; round: number }[] {
    return [...this.#containers].map(([containerId, round]) => ({ containerId, round }));
  }

  get isEmpty(): boolean {
    return this.#items.size === 0 && this.#containers.size === 0;
  }

  /** The containers that have reported a removal which has not taken effect. */
  get unsettledContainers(): Set<string> {
    return new Set([...this.#items.values()].flatMap((places) => [...places.keys()]));
  }
}
