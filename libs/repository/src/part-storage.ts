import { BufferPool } from './buffer-pool.ts';
import { ByteSource } from './byte-source.ts';
import type { ChunkSlice } from './chunk-cutter.ts';
import { joinIds } from './chunk-id.ts';
import type { ContentWriter } from './content-writer.ts';
import type { PartRef, PartToStore } from './entry.ts';
import type { LongStreams, StoredStream } from './long-streams.ts';
import { outsourceRecipes } from './outsource-recipes.ts';
import { partRef } from './part-ref.ts';
import { isKept, isStreamed, isWhole, type WholeContent } from './part-to-store.ts';
import type { SessionContent } from './session-content.ts';
import type { SplitQueue, WholePart } from './split-queue.ts';

/** What all sessions of a writer share on the way of a part into the store. */
export interface PartStores {
  content: ContentWriter;
  queue: SplitQueue;
  streams: LongStreams;
  /** Memory for the beginnings of streams. */
  heads: BufferPool;
}

/** Streams up to this length are gathered and treated like other small content. */
const HEAD_BYTES = 256 * 1024;
const SPARE_HEADS = 16;

export function headBuffers(): BufferPool {
  return new BufferPool(HEAD_BYTES, SPARE_HEADS);
}

/** Stores the parts of what one session puts. */
export class PartStorage {
  readonly #stores: PartStores;
  readonly #content: SessionContent;
  #contentBytes = 0;

  constructor(stores: PartStores, content: SessionContent) {
    this.#stores = stores;
    this.#content = content;
  }

  /** Bytes that were put in so far; what is kept does not count. */
  get contentBytes(): number {
    return this.#contentBytes;
  }

  /**
   * References to the parts, in their order, once all of them are on their way into the store.
   * @throws what a stream throws; the signal's reason while a stream is waited for.
   */
  async store(parts: PartToStore[], signal: AbortSignal): Promise<PartRef[]> {
    const refs = new Map<PartToStore, PartRef>();
    for (const part of parts) {
      if (isKept(part)) refs.set(part, part.kept);
      else if (isStreamed(part)) refs.set(part, await this.#storeStream(part.name, part.content, signal));
    }
    const whole = parts.filter(isWhole);
    const stored = await this.#storeWhole(whole);
    whole.forEach((part, index) => refs.set(part, stored[index]!));
    return outsourceRecipes(
      parts.map((part) => refs.get(part)!),
      (recipe) => this.#content.putLongMeta(recipe),
    );
  }

  async #storeWhole(parts: WholeContent[]): Promise<PartRef[]> {
    const { content, queue } = this.#stores;
    const wholes: WholePart[] = parts.map((part) => ({ content: part.content, mime: part.format === 'mime' }));
    const size = wholes.reduce((sum, part) => sum + part.content.length, 0);
    try {
      const split = await content.inFlight(size, () =>
        queue.put(wholes, (done, buffer) => {
          for (const { chunks } of done) this.#storeChunks(chunks, buffer);
        }),
      );
      this.#contentBytes += size;
      return split.map((part, index) => partRef(parts[index]!.name, part));
    } finally {
      queue.kick();
    }
  }

  async #storeStream(name: string, stream: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<PartRef> {
    const source = new ByteSource(stream, signal);
    const head = this.#stores.heads.take();
    try {
      const length = await source.fill(head);
      if (length === head.length) return streamRef(name, await this.#storeLong(head, source, signal));
      const [ref] = await this.#storeWhole([{ name, format: 'bytes', content: head.subarray(0, length) }]);
      return ref!;
    } finally {
      source.close();
      this.#stores.heads.giveBack(head);
    }
  }

  #storeLong(head: Uint8Array, source: ByteSource, signal: AbortSignal): Promise<StoredStream> {
    const onChunks = (chunks: ChunkSlice[], buffer: Buffer) => {
      this.#storeChunks(chunks, buffer);
      for (const { length } of chunks) this.#contentBytes += length;
    };
    return this.#stores.streams.store(head, source, onChunks, signal);
  }

  #storeChunks(chunks: ChunkSlice[], buffer: Buffer): void {
    for (const { id, offset, length, dense } of chunks) {
      this.#content.put('data', id, buffer.subarray(offset, offset + length), dense);
    }
  }
}

function streamRef(name: string, { length, sha256, chunks }: StoredStream): PartRef {
  return { name, length, sha256, recipe: { chunks: joinIds(chunks), pieces: [] } };
}
