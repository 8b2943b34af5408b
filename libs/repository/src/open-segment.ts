import type { ChunkId } from './chunk-id.ts';
import type { PackKind } from './names.ts';
import type { OwnBytes } from './own-bytes.ts';

/** Small chunks are gathered up to this size. */
const SEGMENT_BYTES = 256 * 1024;
/** A chunk of this size or more is a segment of its own. */
export const ALONE_FROM = 128 * 1024;
/** Room for a segment that is gathered, whatever small chunk comes last. */
export const SEGMENT_CAPACITY = SEGMENT_BYTES + ALONE_FROM;

/** What a segment knows of the pack that it has a place in. */
export interface PackFate {
  readonly state: 'open' | 'written' | 'durable' | 'failed';
  readonly failure: unknown;
}

/** A segment that is being filled, then sealed. Holds chunks of one session only. */
export class OpenSegment {
  readonly kind: PackKind;
  /** Content that looks random; compressing it would be in vain. */
  readonly dense: boolean;
  readonly chunks: { id: ChunkId; length: number }[] = [];
  /** The pack it has a place in, once it is sealed. */
  pack: PackFate | null = null;
  /** Bytes of content. */
  length = 0;
  /** Bytes in the store, once sealed. */
  storedLength = 0;
  #bytes: OwnBytes;

  /** `bytes` is the room for its content. */
  constructor(kind: PackKind, dense: boolean, bytes: OwnBytes) {
    this.kind = kind;
    this.dense = dense;
    this.#bytes = bytes;
  }

  get isEmpty(): boolean {
    return this.chunks.length === 0;
  }

  get isFull(): boolean {
    return this.length >= SEGMENT_BYTES;
  }

  add(id: ChunkId, content: Uint8Array): void {
    this.#bytes.set(content, this.length);
    this.length += content.length;
    this.chunks.push({ id, length: content.length });
  }

  /** Hands the content over; nothing can be added afterwards. */
  take(): OwnBytes {
    const bytes = this.#bytes;
    this.#bytes = new Uint8Array(0);
    return bytes;
  }
}
