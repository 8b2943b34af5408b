import type { Clock } from '@backhaul/domain';
import type { BlobStore } from './blob-store.ts';
import { checkpointsOf, writeCheckpoint, type Checkpoint, type CheckpointPlace } from './checkpoint.ts';
import type { KeyRing } from './key-ring.ts';

const DUE_AFTER_MS = 60_000;
const DUE_AFTER_BYTES = 256 * 1024 * 1024;

/** How far a session is: what decides whether a checkpoint is due. */
export interface Progress {
  /** Changes of entries. */
  changes: number;
  /** Bytes put in. */
  contentBytes: number;
}

/** The checkpoints that one session writes; only the last one is kept. */
export class SessionCheckpoints {
  readonly #store: BlobStore;
  readonly #ring: KeyRing;
  readonly #clock: Clock;
  readonly #place: CheckpointPlace;
  /** When the last one was taken, and of what; in the beginning, of nothing. */
  #last: Progress & { atMs: number };
  #number = 0;
  #name: string | null = null;

  constructor({ store, ring, clock }: { store: BlobStore; ring: KeyRing; clock: Clock }, place: CheckpointPlace) {
    this.#store = store;
    this.#ring = ring;
    this.#clock = clock;
    this.#place = place;
    this.#last = { changes: 0, contentBytes: 0, atMs: clock.monotonicMs() };
  }

  /** True after 60 s of work or 256 MiB, unless nothing has changed. */
  isDue({ changes, contentBytes }: Progress): boolean {
    if (changes === this.#last.changes) return false;
    const isOld = this.#clock.monotonicMs() - this.#last.atMs >= DUE_AFTER_MS;
    return isOld || contentBytes - this.#last.contentBytes >= DUE_AFTER_BYTES;
  }

  /** Stores a checkpoint whose content is durable, then removes the one before. `progress` is what it holds. One at a time. */
  async write(checkpoint: Checkpoint, progress: Progress): Promise<void> {
    const previous = this.#name;
    this.#number += 1;
    this.#name = await writeCheckpoint(this.#store, this.#ring, this.#place, this.#number, checkpoint);
    this.#last = { ...progress, atMs: this.#clock.monotonicMs() };
    if (previous !== null) await this.#store.remove(previous);
  }

  /** Removes all of the chain, once a point was made. What cannot be removed now goes with the next point or the collector. */
  async removeAll(): Promise<void> {
    const { chain, fence } = this.#place;
    try {
      for (const name of await checkpointsOf(this.#store, this.#ring, { chain, fence })) await this.#store.remove(name);
    } catch {
      // The point is committed; nothing may turn that into a failure.
    }
  }
}
