/** The bytes of a source that gives them in pieces of whatever length, taken as they are needed. */
export class ByteSource {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #signal: AbortSignal | null;
  /** What was given and is not taken yet. */
  #left: Uint8Array = new Uint8Array(0);
  #hasEnded = false;

  /** With `signal` nobody waits for the source any longer than until it is aborted. */
  constructor(pieces: AsyncIterable<Uint8Array>, signal: AbortSignal | null = null) {
    this.#iterator = pieces[Symbol.asyncIterator]();
    this.#signal = signal;
  }

  /** Fills `into` as far as the source goes; returns how many bytes. @throws what the source throws; the signal's reason. */
  async fill(into: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < into.length) {
      const piece = await this.take(into.length - filled);
      if (piece === null) break;
      into.set(piece, filled);
      filled += piece.length;
    }
    return filled;
  }

  /** At most `length` bytes, one at least; null at the end. @throws like {@link fill}. */
  async take(length: number): Promise<Uint8Array | null> {
    while (this.#left.length === 0) {
      if (this.#hasEnded) return null;
      await this.#next();
    }
    const piece = this.#left.subarray(0, length);
    this.#left = this.#left.subarray(piece.length);
    return piece;
  }

  /** Tells a source that has not ended that nothing more is wanted of it. Does not wait: it may be in the middle of a read. */
  close(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    // Whoever closed has a failure of more interest than one of this.
    void Promise.resolve(this.#iterator.return?.()).catch(() => undefined);
  }

  async #next(): Promise<void> {
    this.#signal?.throwIfAborted();
    try {
      const next = await this.#unlessAborted(this.#iterator.next());
      if (next.done === true) this.#hasEnded = true;
      else this.#left = next.value;
    } catch (error) {
      // A source that has thrown is at its end; one that we stopped waiting for is not.
      if (this.#signal?.aborted !== true) this.#hasEnded = true;
      throw error;
    }
  }

  async #unlessAborted<T>(read: Promise<T>): Promise<T> {
    const signal = this.#signal;
    if (signal === null) return read;
    const { promise, reject } = Promise.withResolvers<never>();
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await Promise.race([read, promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }
}
