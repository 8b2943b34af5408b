import { BufferPool } from './buffer-pool.ts';
import type { ByteSource } from './byte-source.ts';
import type { ChunkId } from './chunk-id.ts';
import type { ChunkSlice } from './chunk-cutter.ts';
import { MAX_CHUNK_LENGTH } from './chunker.ts';
import type { ContentWriter } from './content-writer.ts';
import type { Crew } from './crew.ts';
import { Lanes } from './lanes.ts';
import { asBuffer, ownBytes, type OwnBytes } from './own-bytes.ts';
import type { JobResults } from './work.ts';

/** Streams that are gathered at once, of all sessions of a process. Each takes a window of memory for as long as it lasts. */
const STREAMS_AT_ONCE = 8;
/** The least that has a certain end of a chunk in it. */
const WINDOW_BYTES = MAX_CHUNK_LENGTH;
/** Windows kept for reuse. */
const SPARE_WINDOWS = 2;

/** Called with the chunks of a window, in the order of the stream. `buffer` is on loan for the call only. */
export type OnChunks = (chunks: ChunkSlice[], buffer: Buffer) => void;

/** What a stream turned out to be. */
export interface StoredStream {
  length: number;
  /** Hex. */
  sha256: string;
  chunks: ChunkId[];
}

/** Has the crew cut streams of any length, window by window, in memory that does not depend on their length. */
export class LongStreams {
  readonly #crew: Crew;
  readonly #writer: ContentWriter;
  readonly #lanes = new Lanes(STREAMS_AT_ONCE);
  readonly #windows = new BufferPool(WINDOW_BYTES, SPARE_WINDOWS);

  constructor(crew: Crew, writer: ContentWriter) {
    this.#crew = crew;
    this.#writer = writer;
  }

  /**
   * Reads the source to its end; `head` was read of it before. Waits while too many others are under way, and between windows
   * while too much content is in flight.
   * @throws what the source throws; the signal's reason.
   */
  store(head: Uint8Array, source: ByteSource, onChunks: OnChunks, signal: AbortSignal): Promise<StoredStream> {
    return this.#lanes.run(signal, async () => {
      const stream = new OneStream(this.#crew, this.#windows.take());
      try {
        return await this.#read(stream, head, source, onChunks);
      } finally {
        this.#windows.giveBack(await stream.end());
      }
    });
  }

  async #read(stream: OneStream, head: Uint8Array, source: ByteSource, onChunks: OnChunks): Promise<StoredStream> {
    const chunks: ChunkId[] = [];
    let length = 0;
    stream.begin(head);
    for (;;) {
      length += await stream.fill(source);
      const sha256 = await this.#writer.inFlight(stream.filled, () =>
        stream.cut((cut, buffer) => {
          onChunks(cut, buffer);
          for (const { id } of cut) chunks.push(id);
        }),
      );
      if (sha256 !== null) return { length: length + head.length, sha256, chunks };
    }
  }
}

/** Numbers are never used twice, whoever shares a crew. */
let lastNumber = 0;

/** A stream's window, and where the crew is with it. */
class OneStream {
  readonly #crew: Crew;
  readonly #number = (lastNumber += 1);
  #window: OwnBytes;
  /** Bytes in the window; the first `#seen` of them the crew has hashed. */
  #filled = 0;
  #seen = 0;
  #isKnown = false;

  constructor(crew: Crew, window: OwnBytes) {
    this.#crew = crew;
    this.#window = window;
  }

  get filled(): number {
    return this.#filled;
  }

  begin(head: Uint8Array): void {
    this.#window.set(head);
    this.#filled = head.length;
  }

  /** Fills the window as far as the source goes; returns how many bytes came. */
  async fill(source: ByteSource): Promise<number> {
    const count = await source.fill(this.#window.subarray(this.#filled));
    this.#filled += count;
    return count;
  }

  /** Takes the certain chunks off the window. At the end of the stream all of them, and then its hash is returned. */
  async cut(onChunks: OnChunks): Promise<string | null> {
    const { chunks, sha256 } = await this.#job(this.#filled, this.#filled < this.#window.length);
    onChunks(chunks, asBuffer(this.#window));
    const end = chunks.reduce((sum, { length }) => sum + length, 0);
    this.#window.copyWithin(0, end, this.#filled);
    this.#filled -= end;
    this.#seen = this.#filled;
    return sha256;
  }

  /** Has the crew forget a stream that did not come to its end. Returns the window. */
  async end(): Promise<OwnBytes> {
    const window = this.#window;
    if (!this.#isKnown) return window;
    this.#window = ownBytes(0);
    // A crew that has ended has forgotten everything.
    await this.#job(0, true).catch(() => undefined);
    return window;
  }

  async #job(length: number, isLast: boolean): Promise<JobResults['cut']> {
    this.#isKnown = !isLast;
    const seen = Math.min(this.#seen, length);
    const result = await this.#crew.do({
      type: 'cut',
      stream: this.#number,
      buffer: this.#window,
      length,
      seen,
      isLast,
    });
    this.#window = result.buffer;
    return result;
  }
}
