import type { BlobStore } from './blob-store.ts';
import type { Crew } from './crew.ts';
import type { WrittenPack } from './index-table.ts';
import type { KeyRing } from './key-ring.ts';
import type { BufferPool } from './buffer-pool.ts';
import { packName, type PackKind } from './names.ts';
import type { OpenSegment, PackFate } from './open-segment.ts';
import {
  HEADER_LENGTH,
  newPack,
  packEnd,
  packHeader,
  packSeal,
  type FooterSegment,
  type PackIdentity,
} from './pack.ts';
import type { Codec } from './segment.ts';
import { PackBody } from './pack-body.ts';

/** Where a pack's memory comes from. */
export interface PackBuffers {
  /** Content of segments until it is sealed. */
  segments: BufferPool;
  /** Sealed segments until the pack is stored. */
  blocks: BufferPool;
}

/**
 * A pack on its way to the store: `open` (takes segments) → `written` (durable) → `durable` (listed in an index); or
 * `failed`, and then none of its chunks may be relied on.
 */
export class OpenPack implements PackFate {
  readonly identity: PackIdentity;
  readonly segments: OpenSegment[] = [];
  state: 'open' | 'written' | 'durable' | 'failed' = 'open';
  failure: unknown = null;
  /** Settles when {@link write} has ended, well or not; never rejects. */
  written: Promise<void> = Promise.resolve();
  readonly #seal: ReturnType<typeof packSeal>;
  readonly #buffers: PackBuffers;
  readonly #body: PackBody;
  /** Settle when the segments are sealed, in the order of their numbers; null for one that could not be. */
  readonly #sealed: Promise<{ storedLength: number; codec: Codec } | null>[] = [];
  #bytes = HEADER_LENGTH;
  #rows: FooterSegment[] = [];

  constructor(ring: KeyRing, kind: PackKind, buffers: PackBuffers) {
    this.identity = newPack(kind);
    this.#seal = packSeal(ring, this.identity);
    this.#buffers = buffers;
    this.#body = new PackBody(buffers.blocks);
  }

  /** Bytes so far; segments that are not sealed yet count with their plain length. */
  get expectedBytes(): number {
    return this.#bytes;
  }

  /** Seals a segment into this pack. Settles when it is sealed, well or not; never rejects. */
  async add(segment: OpenSegment, crew: Crew): Promise<void> {
    const number = this.segments.length;
    const length = segment.length;
    segment.pack = this;
    this.segments.push(segment);
    this.#bytes += length;
    const job = {
      type: 'seal',
      seal: { ...this.#seal, number },
      plain: segment.take(),
      length,
      dense: segment.dense,
    } as const;
    const sealed = crew.do(job).then(
      ({ sealed: bytes, codec, plain }) => {
        this.#buffers.segments.giveBack(plain);
        const storedLength = bytes.length;
        segment.storedLength = storedLength;
        this.#bytes += storedLength - length;
        this.#body.add(number, bytes);
        return { storedLength, codec };
      },
      (error: unknown) => {
        this.fail(error);
        return null;
      },
    );
    this.#sealed.push(sealed);
    await sealed;
  }

  /** Writes the pack when its segments are sealed. Never rejects; see `state`. */
  write(store: BlobStore, ring: KeyRing): Promise<void> {
    this.written = this.#write(store, ring)
      .catch((error: unknown) => this.fail(error))
      .finally(() => this.#body.free());
    return this.written;
  }

  /** What an index says of it. */
  result(): WrittenPack {
    return { identity: this.identity, size: this.#bytes, segments: this.#rows };
  }

  listed(): void {
    this.state = 'durable';
  }

  fail(error: unknown): void {
    if (this.state === 'failed') return;
    this.state = 'failed';
    this.failure = error;
  }

  async #write(store: BlobStore, ring: KeyRing): Promise<void> {
    const sealed = await Promise.all(this.#sealed);
    if (this.state === 'failed') return;
    let offset = HEADER_LENGTH;
    this.segments.forEach(({ chunks, length }, number) => {
      const { storedLength, codec } = sealed[number]!;
      this.#rows.push({ offset, storedLength, length, codec, chunks });
      offset += storedLength;
    });
    const end = packEnd(ring, this.identity, this.#rows);
    this.#bytes = offset + end.length;
    const name = packName(this.identity.kind, this.identity.id);
    await store.put(name, [packHeader(this.identity), ...this.#body.pieces(), end]);
    this.state = 'written';
  }
}
