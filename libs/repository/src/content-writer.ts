import type { BlobStore } from './blob-store.ts';
import { BufferPool } from './buffer-pool.ts';
import { tableOf } from './build-local-segment.ts';
import type { ChunkId } from './chunk-id.ts';
import type { Crew } from './crew.ts';
import { encodeIndex } from './index-table.ts';
import type { KeyRing } from './key-ring.ts';
import type { LocalIndex } from './local-index.ts';
import { indexName, type PackKind } from './names.ts';
import { OpenPack, type PackBuffers } from './open-pack.ts';
import { SEGMENT_CAPACITY, type OpenSegment, type PackFate } from './open-segment.ts';
import { sealObject } from './sealed-object.ts';

/** Packs are closed at about this size. */
const PACK_BYTES = 16 * 1024 * 1024;
/** So many packs are written before an index object must list them, even without a commit. */
const PACKS_WITHOUT_INDEX = 8;
/** Packs are gathered in blocks of this size. */
const BLOCK_BYTES = 4 * 1024 * 1024;
/** Content in memory, of all sessions of a process, above which puts wait. */
const MAX_IN_FLIGHT_BYTES = 24 * 1024 * 1024;
/** One pack of blocks is kept, some segments' worth of room. */
const SPARE_BLOCKS = 4;
const SPARE_SEGMENTS = 16;

/**
 * The packs and index objects of one writing process, shared by its sessions: whoever commits flushes everything, and
 * whoever asks meanwhile is served by the next flush together with all others.
 */
export class ContentWriter {
  /** Memory for what its sessions put. */
  readonly buffers: PackBuffers = {
    segments: new BufferPool(SEGMENT_CAPACITY, SPARE_SEGMENTS),
    blocks: new BufferPool(BLOCK_BYTES, SPARE_BLOCKS),
  };
  readonly #store: BlobStore;
  readonly #ring: KeyRing;
  readonly #index: LocalIndex;
  readonly #crew: Crew;
  readonly #writerId: string;
  readonly #packBytes: number;
  /** Chunks that are on their way: in a segment that no index lists yet. */
  readonly #pending = new Map<ChunkId, OpenSegment>();
  readonly #open = new Map<PackKind, OpenPack>();
  /** Closed and not yet listed, in the order in which they were closed. */
  #unlisted: OpenPack[] = [];
  #indexNumber = 0;
  #bytesInFlight = 0;
  #waiting: (() => void)[] = [];
  #running: Promise<void> | null = null;
  #following: Promise<void> | null = null;

  constructor(parts: {
    store: BlobStore;
    ring: KeyRing;
    index: LocalIndex;
    crew: Crew;
    writerId: string;
    packBytes?: number;
  }) {
    this.#store = parts.store;
    this.#ring = parts.ring;
    this.#index = parts.index;
    this.#crew = parts.crew;
    this.#writerId = parts.writerId;
    this.#packBytes = parts.packBytes ?? PACK_BYTES;
  }

  /**
   * Where a chunk stands: `stored`, durable and listed; the segment it is on its way in, which whoever relies on it must
   * wait for; or null, when it is new.
   */
  lookUp(id: ChunkId): 'stored' | OpenSegment | null {
    const pending = this.#pending.get(id);
    if (pending !== undefined) return pending;
    return this.#index.has(id) ? 'stored' : null;
  }

  /** Notes that a new chunk was put into a segment. */
  expect(id: ChunkId, segment: OpenSegment): void {
    this.#pending.set(id, segment);
  }

  /** Gives a full segment (or one that must not wait longer) a place in a pack. No chunk can be added to it afterwards. */
  seal(segment: OpenSegment): void {
    if (segment.pack !== null || segment.isEmpty) return;
    const pack = this.#openPack(segment.kind);
    this.#addInFlight(segment.length);
    void pack.add(segment, this.#crew).finally(() => {
      this.#addInFlight(-segment.length);
      // Nothing more must be put into a pack that is lost.
      if (pack.state === 'failed' && this.#open.get(pack.identity.kind) === pack) this.#close(pack);
    });
    if (pack.expectedBytes < this.#packBytes) return;
    this.#close(pack);
    // What a background flush meets is told to the sessions that wait for their segments.
    if (this.#unlisted.length >= PACKS_WITHOUT_INDEX) this.#flush().catch(() => undefined);
  }

  /**
   * Resolves when all these segments are durable and listed.
   * @throws the Failure that kept one of them from it; its chunks count as new again then.
   */
  async makeDurable(segments: Iterable<OpenSegment>): Promise<void> {
    const packs = new Set<PackFate>();
    for (const segment of segments) {
      this.seal(segment);
      if (segment.pack !== null) packs.add(segment.pack);
    }
    const isOpen = () => [...packs].some((pack) => pack.state !== 'durable' && pack.state !== 'failed');
    // A flush may fail for the sake of other packs; what became of these is asked below.
    while (isOpen()) await this.#flush().catch(() => undefined);
    for (const pack of packs) if (pack.state === 'failed') throw pack.failure;
  }

  /** Waits while too much is in flight, then counts `bytes` for as long as `use` takes. */
  async inFlight<T>(bytes: number, use: () => Promise<T>): Promise<T> {
    while (this.#bytesInFlight > MAX_IN_FLIGHT_BYTES) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#addInFlight(bytes);
    try {
      return await use();
    } finally {
      this.#addInFlight(-bytes);
    }
  }

  /** Counts content that is in memory because of this writer; negative when it is gone. */
  #addInFlight(bytes: number): void {
    this.#bytesInFlight += bytes;
    if (bytes < 0) for (const wake of this.#waiting.splice(0)) wake();
  }

  #openPack(kind: PackKind): OpenPack {
    const there = this.#open.get(kind);
    if (there !== undefined) return there;
    const made = new OpenPack(this.#ring, kind, this.buffers);
    this.#open.set(kind, made);
    return made;
  }

  #close(pack: OpenPack): void {
    this.#open.delete(pack.identity.kind);
    this.#unlisted.push(pack);
    const bytes = pack.expectedBytes;
    this.#addInFlight(bytes);
    void pack.write(this.#store, this.#ring).finally(() => {
      this.#addInFlight(-bytes);
      if (pack.state === 'failed') this.#forget(pack);
    });
  }

  /** Takes part in a flush that has not begun yet. */
  #flush(): Promise<void> {
    if (this.#running === null) {
      this.#running = this.#flushOnce().finally(() => (this.#running = null));
      return this.#running;
    }
    const begin = (): Promise<void> => {
      this.#following = null;
      return this.#flush();
    };
    this.#following ??= this.#running.then(begin, begin);
    return this.#following;
  }

  async #flushOnce(): Promise<void> {
    for (const pack of [...this.#open.values()]) this.#close(pack);
    const packs = this.#unlisted;
    this.#unlisted = [];
    await Promise.all(packs.map((pack) => pack.written));
    const written = packs.filter((pack) => pack.state === 'written');
    if (written.length === 0) return;
    try {
      await this.#list(written);
    } catch (error) {
      // They are whole but nobody can find what is in them; those who wait are told, and the collector takes them.
      for (const pack of written) pack.fail(error);
      for (const pack of written) this.#forget(pack);
      throw error;
    }
  }

  async #list(packs: OpenPack[]): Promise<void> {
    this.#indexNumber += 1;
    const name = indexName(this.#writerId, this.#indexNumber);
    const content = encodeIndex(packs.map((pack) => pack.result()));
    await this.#store.put(name, [sealObject(this.#ring, name, content)]);
    await this.#index.add([tableOf(name, content)]);
    for (const pack of packs) {
      pack.listed();
      this.#forget(pack);
    }
  }

  /** The pack's chunks are no longer on their way: they are listed, or lost. */
  #forget(pack: OpenPack): void {
    for (const segment of pack.segments) {
      for (const { id } of segment.chunks) if (this.#pending.get(id) === segment) this.#pending.delete(id);
    }
  }
}
