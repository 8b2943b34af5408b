/** How the connection behind a body is held. */
export interface BodyControl {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}

/** The connection is held while more than this waits for its reader, so that a slow reader costs no memory. */
const MOST_WAITING_BYTES = 1024 * 1024;

/**
 * The body of an answer as it arrives, for one reader. Whoever stops before its end (`return` of the iterator) ends the
 * transfer.
 */
export class BodyStream implements AsyncIterable<Uint8Array> {
  readonly #control: BodyControl;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #isPaused = false;
  #ended: { error: Error | null } | null = null;
  #wake: () => void = () => undefined;

  constructor(control: BodyControl) {
    this.#control = control;
  }

  /** The next piece has come. */
  push(piece: Uint8Array): void {
    this.#waiting.push(piece);
    this.#waitingBytes += piece.length;
    if (this.#waitingBytes > MOST_WAITING_BYTES && !this.#isPaused) {
      this.#isPaused = true;
      this.#control.pause();
    }
    this.#wake();
  }

  /** Nothing more comes: the body is complete, or it has broken off. What ends it first counts. */
  end(error: Error | null): void {
    this.#ended ??= { error };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const piece = this.#take();
        if (piece !== undefined) yield piece;
        else if (this.#ended?.error != null) throw this.#ended.error;
        else if (this.#ended !== null) return;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      if (this.#ended === null) {
        this.end(null);
        this.#control.abort(new Error('The body is not wanted any more.'));
      }
    }
  }

  #take(): Uint8Array | undefined {
    const piece = this.#waiting.shift();
    if (piece === undefined) return undefined;
    this.#waitingBytes -= piece.length;
    if (this.#isPaused && this.#waiting.length === 0 && this.#ended === null) {
      this.#isPaused = false;
      this.#control.resume();
    }
    return piece;
  }
}
