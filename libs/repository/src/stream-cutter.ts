import { createHash, type Hash } from 'node:crypto';
import type { ChunkCutter, ChunkSlice } from './chunk-cutter.ts';

/** What a window of a stream gave. */
export interface WindowChunks {
  /** The chunks it begins with; what is left belongs at the beginning of the next window. */
  chunks: ChunkSlice[];
  /** Hex, of the whole stream; null before its end. */
  sha256: string | null;
}

/**
 * Cuts long streams that come window by window, several at once, each into the very chunks that it would have as a whole. Keeps
 * the hash of each until its end.
 */
export class StreamCutter {
  readonly #cutter: ChunkCutter;
  readonly #streams = new Map<number, Hash>();

  constructor(cutter: ChunkCutter) {
    this.#cutter = cutter;
  }

  /**
   * Takes the next window of stream number `stream`; its first `seen` bytes were left of the window before. A first window that
   * is not the last is longer than {@link WHOLE_UP_TO}. An empty last one ends a stream that nobody wants any more.
   */
  cut(stream: number, window: Buffer, seen: number, isLast: boolean): WindowChunks {
    const begun = this.#streams.get(stream);
    const hash = begun ?? createHash('sha256');
    hash.update(window.subarray(seen));
    if (isLast) this.#streams.delete(stream);
    else this.#streams.set(stream, hash);
    const isWhole = begun === undefined && isLast;
    return {
      chunks: isWhole ? this.#cutter.whole(window, 0) : this.#cutter.certain(window, isLast),
      sha256: isLast ? hash.digest('hex') : null,
    };
  }
}
