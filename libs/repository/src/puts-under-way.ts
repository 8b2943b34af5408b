import { Failure } from '@backhaul/domain';
import type { EntryKey } from './entry.ts';

/** The puts of a session that have not ended yet. */
export class PutsUnderWay {
  readonly #puts = new Set<Put>();
  readonly #stop = new AbortController();

  /**
   * Keeps a put until it has ended. `isStreamed`: it takes as long as its source does. `put` is given the signal that asks it
   * to end early.
   */
  track<T>(key: EntryKey, isStreamed: boolean, put: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const result = put(this.#stop.signal);
    const { containerId, id } = key;
    const entry: Put = { containerId, id, isStreamed, ended: Promise.resolve() };
    const done = () => void this.#puts.delete(entry);
    entry.ended = result.then(done, done);
    this.#puts.add(entry);
    return result;
  }

  /** Resolves when those of `which` have ended, well or not, that are under way now. Default: all. */
  async settled(which: (put: UnderWay) => boolean = () => true): Promise<void> {
    await Promise.all([...this.#puts].filter(which).map((put) => put.ended));
  }

  /** Ends all that wait for their sources; resolves when all have ended. */
  async stop(): Promise<void> {
    this.#stop.abort(
      new Failure('cancelled', {
        code: 'repository.session-abandoned',
        message: 'The session was abandoned while content was on its way into it.',
        retry: 'never',
      }),
    );
    await this.settled();
  }
}

/** Which put it is. */
export interface UnderWay extends Readonly<EntryKey> {
  readonly isStreamed: boolean;
}

interface Put extends UnderWay {
  ended: Promise<void>;
}
