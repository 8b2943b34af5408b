/** An item that came into a container in this task. */
export interface Arrival {
  containerId: string;
  itemId: string;
}

/** More arrivals of one round than this are not remembered one by one. */
const MAX_REMEMBERED = 1_000;

/** Where items arrived in this task: the other half of a move is there, and only there. */
export class Arrivals {
  readonly #containers = new Set<string>();
  #recent: Arrival[] | null = [];

  /** An item was stored where it was not before. */
  note(containerId: string, itemId: string): void {
    this.#containers.add(containerId);
    if (this.#recent === null) return;
    this.#recent.push({ containerId, itemId });
    if (this.#recent.length > MAX_REMEMBERED) this.#recent = null;
  }

  /** Items may have arrived in the container in an earlier attempt of this task. */
  assume(containerId: string): void {
    this.#containers.add(containerId);
  }

  /** Containers in which items arrived since the task began. */
  get containers(): Iterable<string> {
    return this.#containers;
  }

  /** What arrived since it was asked last; null: too much to say. */
  takeRecent(): Arrival[] | null {
    const recent = this.#recent;
    this.#recent = [];
    return recent;
  }
}
