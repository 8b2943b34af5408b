/**
 * A binary heap that knows where each entry stands, so that any entry can be removed. Adding, removing and taking the
 * first one cost the logarithm of its size; looking at the first one costs nothing.
 */
export class IndexedHeap<T extends object> {
  readonly #entries: T[] = [];
  readonly #places = new Map<T, number>();
  readonly #isBefore: (one: T, other: T) => boolean;

  /** `isBefore` must be a strict total order that does not change for an entry while it is in the heap. */
  constructor(isBefore: (one: T, other: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** The entry before all others; undefined when empty. */
  get first(): T | undefined {
    return this.#entries[0];
  }

  add(entry: T): void {
    if (this.#places.has(entry)) return;
    this.#put(entry, this.#entries.length);
    this.#rise(entry);
  }

  /** True if it was there. */
  remove(entry: T): boolean {
    const place = this.#places.get(entry);
    if (place === undefined) return false;
    this.#places.delete(entry);
    const last = this.#entries.pop();
    if (last !== undefined && last !== entry) {
      this.#put(last, place);
      this.#rise(last);
      this.#sink(last);
    }
    return true;
  }

  #put(entry: T, place: number): void {
    this.#entries[place] = entry;
    this.#places.set(entry, place);
  }

  #rise(entry: T): void {
    let place = this.#places.get(entry) ?? 0;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#entries[above];
      if (parent === undefined || !this.#isBefore(entry, parent)) break;
      this.#put(parent, place);
      place = above;
    }
    this.#put(entry, place);
  }

  #sink(entry: T): void {
    let place = this.#places.get(entry) ?? 0;
    for (;;) {
      const left = this.#entries[2 * place + 1];
      const right = this.#entries[2 * place + 2];
      const rightFirst = left !== undefined && right !== undefined && this.#isBefore(right, left);
      const child = rightFirst ? right : left;
      if (child === undefined || !this.#isBefore(child, entry)) break;
      this.#put(child, place);
      place = 2 * place + (rightFirst ? 2 : 1);
    }
    this.#put(entry, place);
  }
}
