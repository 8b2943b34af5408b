/**
 * A stream that remembers why it ended early: whoever stores its pieces may tell of the error in words of its own, and it
 * matters whether the source or the storage failed.
 */
export interface WatchedStream {
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Null as long as the stream has not failed. */
  readonly brokenBy: Error | null;
}

/** Watches `pieces`, which must be read through the result. */
export function watched(pieces: AsyncIterable<Uint8Array>): WatchedStream {
  const watch = { pieces, brokenBy: null as Error | null };
  watch.pieces = (async function* () {
    try {
      yield* pieces;
    } catch (error) {
      watch.brokenBy = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  })();
  return watch;
}
