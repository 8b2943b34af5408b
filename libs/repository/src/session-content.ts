import { chunkHasher, type ChunkId } from './chunk-id.ts';
import { chunkLengths, gearTable, type GearTable } from './chunker.ts';
import type { ContentWriter } from './content-writer.ts';
import type { KeyRing } from './key-ring.ts';
import type { PackKind } from './names.ts';
import { ALONE_FROM, OpenSegment } from './open-segment.ts';

/** The content of one session on its way into the store: its segments, and the segments of others it relies on. */
export class SessionContent {
  readonly #writer: ContentWriter;
  readonly #idOf: (content: Uint8Array) => ChunkId;
  readonly #gear: GearTable;
  readonly #open = new Map<string, OpenSegment>();
  /** Not known to be durable yet. */
  #relyingOn = new Set<OpenSegment>();
  #own: OpenSegment[] = [];
  #storedBytes = 0;

  constructor(writer: ContentWriter, { chunkId, chunker }: Pick<KeyRing, 'chunkId' | 'chunker'>) {
    this.#writer = writer;
    this.#idOf = chunkHasher(chunkId);
    this.#gear = gearTable(chunker);
  }

  /** Bytes added to the store so far. */
  get storedBytes(): number {
    return this.#own.reduce((sum, segment) => sum + segment.storedLength, this.#storedBytes);
  }

  /** Stores a chunk, unless it is stored already. The content is copied. */
  put(kind: PackKind, id: ChunkId, content: Uint8Array, dense = false): void {
    const known = this.#writer.lookUp(id);
    if (known === 'stored') return;
    if (known !== null) {
      this.#relyingOn.add(known);
      return;
    }
    const segment = this.#segmentFor(kind, dense, content.length);
    segment.add(id, content);
    this.#writer.expect(id, segment);
    if (segment.isFull || content.length >= ALONE_FROM) this.#writer.seal(segment);
  }

  /** Stores a tree node or a piece of a run; at most 4 MiB. */
  putMeta(bytes: Buffer): ChunkId {
    const id = this.#idOf(bytes);
    this.put('meta', id, bytes);
    return id;
  }

  /** {@link putMeta} of something of any length, in several chunks. */
  putLongMeta(bytes: Buffer): ChunkId[] {
    let at = 0;
    return chunkLengths(this.#gear, bytes).map((length) => this.putMeta(bytes.subarray(at, (at += length))));
  }

  /** Sends what waits for more content on its way, for whoever stores the same later. */
  sealOpen(): void {
    for (const segment of this.#open.values()) this.#writer.seal(segment);
    this.#open.clear();
  }

  /** True while a chunk is on its way and cannot be read back. */
  isPending(id: ChunkId): boolean {
    const known = this.#writer.lookUp(id);
    return known !== 'stored' && known !== null;
  }

  /** Resolves when everything put so far is durable and listed. @throws the Failure that prevents it. */
  async makeDurable(): Promise<void> {
    const segments = this.#relyingOn;
    this.#relyingOn = new Set();
    try {
      await this.#writer.makeDurable(segments);
    } catch (error) {
      // A session that lost content must not commit, however often it tries.
      for (const segment of segments) this.#relyingOn.add(segment);
      throw error;
    }
    this.#storedBytes = this.storedBytes;
    const own = this.#own;
    this.#own = own.filter((segment) => !segments.has(segment));
    this.#storedBytes -= this.#own.reduce((sum, segment) => sum + segment.storedLength, 0);
  }

  #segmentFor(kind: PackKind, dense: boolean, length: number): OpenSegment {
    if (length >= ALONE_FROM)
      return this.#begin(new OpenSegment(kind, false, this.#writer.buffers.segments.take(length)));
    const slot = dense ? `${kind}-dense` : kind;
    const there = this.#open.get(slot);
    // Another session that relies on it may have had it sealed.
    if (there !== undefined && there.pack === null) return there;
    const made = this.#begin(new OpenSegment(kind, dense, this.#writer.buffers.segments.take()));
    this.#open.set(slot, made);
    return made;
  }

  #begin(segment: OpenSegment): OpenSegment {
    this.#own.push(segment);
    this.#relyingOn.add(segment);
    return segment;
  }
}
